/* sanitizer.c: the public calls that make a capture which can be shared: two passes over its packets.
 *
 * Theory of operation. In the first pass an analyzer with a tap follows every connection: what its bytes mean, and so
 * what they become, is learnt from the readers that the verdict rests on (conversation.h), and fragments are put
 * together. In the second, each frame is rewritten by itself: headers by their rules (sanitize_packet.h), what a
 * segment carries by its sequence number, so that repeats, overlaps and quotes get the same bytes.
 */
#include "conversation.h"
#include "sanitize_fragment.h"

#include <stdlib.h>

#define CONVERSATIONS_MEMORY ((size_t)1 << 30)
#define DATAGRAMS_MEMORY ((size_t)64 << 20)

struct tlsdiag_sanitizer {
	struct certificate_rules rules;
	struct conversation_table *conversations;
	struct datagram_table *datagrams;
	struct tap tap;
	struct tlsdiag *follower; /* NULL: all is learnt */
	uint64_t frame; /* being rewritten */
	uint8_t *bytes;
	size_t room;
	uint64_t packets, not_understood;
};

struct tlsdiag_sanitizer *tlsdiag_sanitizer_new(int64_t shift_s)
{
	struct tlsdiag_sanitizer *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->rules.shift_s = shift_s;
	s->rules.aliases = alias_table_new();
	s->rules.keys = key_ring_new();
	s->conversations = conversation_table_new(&s->rules, CONVERSATIONS_MEMORY);
	s->datagrams = datagram_table_new(DATAGRAMS_MEMORY);
	s->follower = tlsdiag_new(NULL, NULL, NULL);
	if (!s->rules.aliases || !s->rules.keys || !s->conversations || !s->datagrams || !s->follower) {
		tlsdiag_sanitizer_free(s);
		return NULL;
	}
	s->tap = conversation_tap(s->conversations);
	tlsdiag_set_tap(s->follower, &s->tap);
	return s;
}

void tlsdiag_sanitizer_free(struct tlsdiag_sanitizer *s)
{
	if (!s)
		return;
	tlsdiag_free(s->follower);
	conversation_table_free(s->conversations);
	datagram_table_free(s->datagrams);
	alias_table_free(s->rules.aliases);
	key_ring_free(s->rules.keys);
	free(s->bytes);
	free(s);
}

void tlsdiag_sanitizer_learn(struct tlsdiag_sanitizer *s, int linktype, const struct tlsdiag_packet *packet)
{
	struct packet p;

	if (!s->follower)
		return;
	if (packet_linktype_known(linktype) &&
	    packet_decode(linktype, packet->bytes, packet->captured, packet->wire, &p) == PARSE_OK &&
	    p.kind == PACKET_FRAGMENT)
		datagram_learn(s->datagrams, packet->frame, packet->time_ns, &p);
	s->rules.now_s = packet->time_ns / 1000000000;
	tlsdiag_packet(s->follower, linktype, packet);
}

/* ---- Rewriting ---- */

static void on_payload(void *context, uint64_t frame, const struct segment *segment, uint8_t *out, size_t n)
{
	struct tlsdiag_sanitizer *s = context;

	conversation_payload(s->conversations, frame, segment, out, n);
}

static void on_timestamps(void *context, uint64_t frame, const struct segment *segment, uint32_t *value, uint32_t *echo)
{
	struct tlsdiag_sanitizer *s = context;

	conversation_timestamps(s->conversations, frame, segment, value, echo);
}

static void on_fragment(void *context, const struct packet *p, uint8_t *out, size_t n);

static struct packet_rules packet_rules(struct tlsdiag_sanitizer *s)
{
	return (struct packet_rules){.aliases = s->rules.aliases,
				     .frame = s->frame,
				     .payload = on_payload,
				     .timestamps = on_timestamps,
				     .fragment = on_fragment,
				     .context = s};
}

static void on_fragment(void *context, const struct packet *p, uint8_t *out, size_t n)
{
	struct tlsdiag_sanitizer *s = context;
	const struct packet_rules rules = packet_rules(s);

	datagram_part(s->datagrams, s->frame, &rules, p, out, n);
}

static bool reserve(struct tlsdiag_sanitizer *s, size_t n)
{
	uint8_t *bytes;

	if (n <= s->room && s->bytes)
		return true;
	bytes = realloc(s->bytes, n ? n : 1);
	if (!bytes)
		return false;
	s->bytes = bytes;
	s->room = n;
	return true;
}

bool tlsdiag_sanitizer_rewrite(struct tlsdiag_sanitizer *s, int linktype, const struct tlsdiag_packet *packet,
			       struct tlsdiag_packet *out)
{
	struct packet_rules rules;
	struct packet p;

	if (s->follower) {
		tlsdiag_finish(s->follower);
		tlsdiag_free(s->follower);
		s->follower = NULL;
	}
	if (!reserve(s, packet->captured))
		return false;
	s->frame = packet->frame;
	rules = packet_rules(s);
	s->packets++;
	if (!packet_linktype_known(linktype)) {
		memset(s->bytes, 0, packet->captured);
		s->not_understood++;
	} else if (sanitize_frame(&rules, linktype, packet->bytes, packet->captured, packet->wire, s->bytes, &p) !=
		   PARSE_OK) {
		s->not_understood++;
	}
	*out = *packet;
	out->bytes = s->bytes;
	out->time_ns += s->rules.shift_s * INT64_C(1000000000);
	return true;
}

void tlsdiag_sanitizer_counts(const struct tlsdiag_sanitizer *s, struct tlsdiag_sanitizer_counts *counts)
{
	struct conversation_counts conversations;
	struct alias_counts aliases;

	conversation_counts(s->conversations, &conversations);
	alias_counts(s->rules.aliases, &aliases);
	*counts = (struct tlsdiag_sanitizer_counts){.packets = s->packets,
						    .not_understood = s->not_understood,
						    .addresses = aliases.addresses,
						    .words = aliases.words,
						    .connections = conversations.connections,
						    .erased = conversations.erased};
}
