/* golden.c: sanitizes every golden capture, after its documentation addresses became others, and says whether each
 * verdict is the same and whether something of what identifies is left; then the same capture as it might have been
 * taken elsewhere, in one of the ways of vary.h. Arguments: names of captures, or how they begin; all ways are then
 * tried.
 */
#include "tests/golden/vary.h"
#include "tests/sanitize/secrets.h"

#include "analyzer/tlsdiag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_MAX 16384

static void feed(struct tlsdiag *d, const struct capture *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct frame *f = &c->frames[i];
		struct tlsdiag_packet packet = {i + 1, f->time_ns, f->bytes, f->captured, f->wire};

		tlsdiag_packet(d, c->linktype, &packet);
	}
	tlsdiag_finish(d);
}

/* ---- Addresses that no documentation has ---- */

static const struct {
	size_t n;
	uint8_t from[16], to[16];
} moves[] = {
	{4, {192, 0, 2, 40}, {10, 77, 31, 209}},
	{4, {203, 0, 113, 20}, {172, 30, 201, 77}},
	{4, {192, 0, 2, 1}, {10, 77, 31, 254}},
	{4, {203, 0, 113, 1}, {172, 30, 201, 254}},
	{16,
	 {0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 0x40},
	 {0xfd, 0x4e, 0x77, 0x91, 0x0a, 0x1c, 0x61, 0x52, 0x8a, 0x33, 0x14, 0x95, 0x6b, 0x27, 0xe1, 0x40}},
	{16,
	 {0x20, 0x01, 0x0d, 0xb8, 0, 0x05, [15] = 0x20},
	 {0x2a, 0x0b, 0x46, 0x17, 0xc3, 0x55, 0x90, 0x21, 0x5e, 0x71, 0xa8, 0x13, 0x44, 0xd9, 0x62, 0x20}},
	{16,
	 {0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 0x01},
	 {0xfd, 0x4e, 0x77, 0x91, 0x0a, 0x1c, 0x61, 0x52, 0x8a, 0x33, 0x14, 0x95, 0x6b, 0x27, 0xe1, 0x01}},
	{16,
	 {0x20, 0x01, 0x0d, 0xb8, 0, 0x05, [15] = 0x01},
	 {0x2a, 0x0b, 0x46, 0x17, 0xc3, 0x55, 0x90, 0x21, 0x5e, 0x71, 0xa8, 0x13, 0x44, 0xd9, 0x62, 0x01}},
};

static void move(uint8_t *at, size_t n)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(*moves); i++)
		if (moves[i].n == n && !memcmp(at, moves[i].from, n)) {
			memcpy(at, moves[i].to, n);
			return;
		}
}

/* An IP header's, and those of the one that an ICMP error quotes. */
static void move_addresses(struct capture *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct frame *f = &c->frames[i];
		struct parts p = parts_of(c, f);
		size_t n = p.v6 ? 16 : 4, first = p.v6 ? 8 : 12;

		for (size_t k = 0; k < 2; k++) {
			move(f->bytes + IP_AT + first + k * n, n);
			if (!p.tcp && p.payload + first + 2 * n <= f->captured)
				move(f->bytes + p.payload + first + k * n, n);
		}
		/* Ethernet's as the lab has them begin with zeros. */
		memcpy(f->bytes, p.from_client ? "\x9c\x1d\x36\xa7\x52\xe8" : "\x04\x92\x26\x5b\xd1\x7f", 6);
		memcpy(f->bytes + 6, p.from_client ? "\x04\x92\x26\x5b\xd1\x7f" : "\x9c\x1d\x36\xa7\x52\xe8", 6);
		checksums_fix(f->bytes, p.end, p.intact);
	}
	if (c->count)
		move(c->client, c->client[0] == 0x20 ? 16 : 4);
}

/* ---- Verdicts ---- */

__attribute__((format(printf, 2, 3))) static void told(char *text, const char *format, ...)
{
	size_t n = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + n, TOLD_MAX - n, format, args);
	va_end(args);
}

/* All that a verdict says, but for names and addresses. Of a connection of which too little was captured it is not what
 * bytes in its midst were taken for: erased, they may look like something else. */
static void on_verdict(const struct tlsdiag_verdict *v, void *context)
{
	char *text = context;

	told(text, "%s %s by %s, %s; ", tlsdiag_outcome_name(v->outcome), v->signature, tlsdiag_party_name(v->by),
	     tlsdiag_certainty_name(v->certainty));
	for (int i = 0; i < TLSDIAG_STAGES; i++)
		if (v->milestones[i].reached)
			told(text, "%s%s@%llu ", tlsdiag_stage_name((enum tlsdiag_stage)i),
			     v->milestones[i].inferred ? "?" : "", (unsigned long long)v->milestones[i].at.frame);
	for (size_t i = 0; i < v->evidence_count && v->outcome != TLSDIAG_INCOMPLETE; i++)
		told(text, "%.10s%s@%llu ", v->evidence[i].shows, v->evidence[i].decisive ? "!" : "",
		     (unsigned long long)v->evidence[i].at.frame);
	told(text, "%s, %s, %zu findings", v->outcome == TLSDIAG_INCOMPLETE ? "" : v->protocol, v->alert.name,
	     v->certificate.finding_count);
	for (size_t i = 0; i < v->note_count; i++)
		told(text, "; %s", v->notes[i]);
	for (size_t i = 0; i < v->warning_count; i++)
		told(text, "; %s", v->warnings[i]);
	told(text, "\n");
}

static void analyze(const struct capture *c, char *text)
{
	struct tlsdiag_settings settings;
	struct tlsdiag *d;

	tlsdiag_settings_init(&settings);
	settings.flows_max = 4096;
	d = tlsdiag_new(&settings, on_verdict, text);
	if (!d)
		abort();
	*text = '\0';
	feed(d, c);
	tlsdiag_free(d);
}

/* ---- Sanitizing ---- */

static struct capture sanitize(const struct capture *c)
{
	struct capture shared = capture_like(c);
	struct tlsdiag_sanitizer *s = tlsdiag_sanitizer_new(0);

	if (!s)
		abort();
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < c->count; i++) {
			const struct frame *f = &c->frames[i];
			struct tlsdiag_packet in = {i + 1, f->time_ns, f->bytes, f->captured, f->wire}, out;

			if (pass == 0)
				tlsdiag_sanitizer_learn(s, c->linktype, &in);
			else if (!tlsdiag_sanitizer_rewrite(s, c->linktype, &in, &out))
				abort();
			else
				capture_add(&shared, out.time_ns, out.bytes, out.captured)->wire = out.wire;
		}
	tlsdiag_sanitizer_free(s);
	return shared;
}

static bool same_checksums(const struct capture *c, const struct capture *shared)
{
	for (size_t i = 0; i < c->count; i++)
		if (parts_of(c, &c->frames[i]).intact != parts_of(shared, &shared->frames[i]).intact)
			return false;
	return true;
}

/* ---- Elsewhere ---- */

enum { RAW = 12, ETHERNET_LINK = 1, SLL = 113, SLL2 = 276, NULL_LOOPBACK = 0 };

static const struct variation variations[] = {
	{"every packet captured twice", vary_mirror, .size = 1},
	{"captured before and behind a router", vary_mirror_hop, .size = 0},
	{"captured on a trunk too", vary_mirror_tagged, .size = 0},
	{"in IP fragments of 32 bytes", vary_fragments, .size = 32},
	{"in IP fragments of 1280 bytes", vary_fragments, .size = 1280},
	{"in IP fragments, the last one first", vary_fragments_reversed, .size = 64},
	{"in segments of 1 byte", vary_split, .size = 1},
	{"in segments of 5 bytes", vary_split, .size = 5},
	{"in offload-sized segments", vary_merge, .size = 65000},
	{"repeated, reordered, captured twice", vary_noise, .size = 100},
	{"as raw IP", vary_link, .linktype = RAW},
	{"as cooked by Linux", vary_link, .linktype = SLL, .layers = {COOKED}},
	{"as cooked by Linux, version 2", vary_link, .linktype = SLL2, .layers = {COOKED_2}},
	{"on a loopback", vary_link, .linktype = NULL_LOOPBACK, .layers = {LOOPBACK}},
	{"in QinQ", vary_link, .linktype = ETHERNET_LINK, .layers = {VLAN, SERVICE_VLAN, ETHERNET}},
	{"in PPPoE", vary_link, .linktype = ETHERNET_LINK, .layers = {PPPOE, VLAN, ETHERNET}},
	{"in MPLS", vary_link, .linktype = ETHERNET_LINK, .layers = {MPLS, ETHERNET}},
	{"in GRE", vary_link, .linktype = ETHERNET_LINK, .layers = {GRE, OUTER_IPV4, ETHERNET}},
	{"in VXLAN", vary_link, .linktype = ETHERNET_LINK, .layers = {VXLAN, OUTER_IPV4, ETHERNET}},
	{"in VXLAN over IPv6", vary_link, .linktype = RAW, .layers = {VXLAN, OUTER_IPV6}},
	{"in IPv6", vary_link, .linktype = SLL, .layers = {OUTER_IPV6, COOKED}},
	{"only the client's packets", vary_one_side, .size = 0},
	{"only the packets to the client", vary_one_side, .size = 1},
	{"54 bytes of each packet", vary_snaplen, .size = 54},
	{"96 bytes of each packet", vary_snaplen, .size = 96},
	{"256 bytes of each packet", vary_snaplen, .size = 256},
};

static const struct variation in_part[] = {
	{"the capture ends early", vary_end, .size = 0},
	{"the capture begins late", vary_begin, .size = 0},
	{"one packet not captured", vary_without, .size = 0},
	{"two packets exchanged", vary_swap, .size = 0},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- Checks ---- */

/* Whether the verdicts stay, and no secret does. */
static bool holds(const struct capture *c, const char *how, const struct secrets *secrets, const struct capture *shared)
{
	static char before[TOLD_MAX], after[TOLD_MAX];
	const struct secret *left;
	size_t frame, at;

	analyze(c, before);
	analyze(shared, after);
	if (strcmp(before, after) != 0) {
		printf("# %s%s: the verdict was\n#   %s#   and is\n#   %s", c->name, how, before, after);
		return false;
	}
	left = secrets_found(secrets, shared, &frame, &at);
	if (left)
		printf("# %s%s: frame %zu has at byte %zu what was in %s: \"%.*s\"\n", c->name, how, frame, at,
		       left->what, (int)left->gram, (const char *)shared->frames[frame - 1].bytes + at);
	return !left;
}

static bool check_varied(const struct capture *c, const struct variation *v, size_t at, const struct secrets *secrets)
{
	struct capture varied = capture_like(c), shared = {0};
	char how[128];
	bool ok = true;

	snprintf(how, sizeof(how), ", %s (%zu)", v->name, at);
	if (v->make(c, v, at, &varied)) {
		shared = sanitize(&varied);
		ok = holds(&varied, how, secrets, &shared);
	}
	capture_free(&varied);
	capture_free(&shared);
	return ok;
}

/* One of the ways for each capture, or all of them. */
static bool check_elsewhere(const struct capture *c, size_t number, bool all, const struct secrets *secrets)
{
	bool ok = true;

	for (size_t i = 0; i < COUNT(variations); i++)
		if (all || number % COUNT(variations) == i)
			ok = check_varied(c, &variations[i], 1, secrets) && ok;
	for (size_t i = 0; i < COUNT(in_part); i++)
		for (size_t at = 0; at < c->count; at++)
			if (all || (number % COUNT(in_part) == i && at == number / COUNT(in_part) % c->count))
				ok = check_varied(c, &in_part[i], at, secrets) && ok;
	return ok;
}

static bool check(struct capture *c, size_t number, bool all)
{
	struct secrets secrets = {0};
	struct capture shared;
	bool ok;

	move_addresses(c);
	secrets_collect(c, &secrets);
	shared = sanitize(c);
	ok = holds(c, "", &secrets, &shared);
	if (!same_checksums(c, &shared)) {
		printf("# %s: a checksum that was right is wrong, or the other way round\n", c->name);
		ok = false;
	}
	ok = check_elsewhere(c, number, all, &secrets) && ok;
	secrets_free(&secrets);
	capture_free(&shared);
	return ok;
}

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strncmp(name, argv[i], strlen(argv[i])))
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	size_t count, tried = 0, failed = 0;
	struct capture *all = captures_load(&count);

	for (size_t i = 0; i < count; i++) {
		if (wanted(all[i].name, argc, argv)) {
			tried++;
			failed += !check(&all[i], i, argc > 1);
		}
		capture_free(&all[i]);
	}
	free(all);
	printf("%s 1 - %zu golden captures tell the same when they are sanitized, and nothing is left that "
	       "identifies\n",
	       failed || !tried ? "not ok" : "ok", tried);
	printf("# %zu failed\n1..1\n", failed);
	return failed || !tried ? EXIT_FAILURE : EXIT_SUCCESS;
}
