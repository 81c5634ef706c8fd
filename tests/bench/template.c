/* template.c: see template.h. */
#include "tests/bench/template.h"

#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MIN 60 /* bytes: what is shorter may be an encrypted alert */

/* ---- Verdicts ---- */

static size_t kind_of(struct kinds *kinds, json_t *verdict)
{
	const char *signature = json_string_value(json_object_get(verdict, "signature"));
	const char *by = json_string_value(json_object_get(verdict, "by"));
	struct kind *k = &kinds->of[kinds->count];

	snprintf(k->said, sizeof(k->said), "%s%s%s%s%s", json_string_value(json_object_get(verdict, "outcome")),
		 signature ? " " : "", signature ? signature : "", by ? " by " : "", by ? by : "");
	for (size_t i = 0; i < kinds->count; i++)
		if (strcmp(kinds->of[i].said, k->said) == 0)
			return i;
	if (kinds->count == KINDS_MAX - 1) {
		fputs("too many kinds of verdicts\n", stderr);
		exit(EXIT_FAILURE);
	}
	return kinds->count++;
}

/* What is said of the capture. False when it is not that each connection is established or failed. */
static bool read_verdicts(struct template *t, struct kinds *kinds)
{
	json_error_t error;
	json_t *all, *verdict;
	char path[512];
	size_t i;
	bool decided = true;

	snprintf(path, sizeof(path), "tests/golden/%s.pcap.json", t->capture.name);
	all = json_load_file(path, 0, &error);
	if (!all) {
		fprintf(stderr, "%s: %s\n", path, error.text);
		exit(EXIT_FAILURE);
	}
	json_array_foreach(all, i, verdict) {
		const char *outcome = json_string_value(json_object_get(verdict, "outcome"));
		bool failed = outcome && strcmp(outcome, "failed") == 0;

		decided = decided && outcome && i < CONNECTIONS_MAX && (failed || strcmp(outcome, "established") == 0);
		if (!decided)
			break;
		t->failed = t->failed || failed;
		t->kinds[i] = kind_of(kinds, verdict);
	}
	decided = decided && json_array_size(all) == t->connections;
	json_decref(all);
	return decided;
}

/* ---- Packets ---- */

/* The client's port of a TCP packet, or of the one that an ICMP error quotes; 0: none. */
static uint16_t client_port(const struct capture *c, const struct frame *f, const struct parts *p)
{
	const uint8_t *quoted = f->bytes + p->transport + 8;
	size_t header = p->v6 ? 40 : 20, length = p->v6 ? 16 : 4;
	bool sent;

	if (p->tcp)
		return get16(f->bytes + p->transport + (p->from_client ? 0 : 2));
	if (f->captured < p->transport + 8 + header + 8 || quoted[p->v6 ? 6 : 9] != IPPROTO_TCP)
		return 0;
	sent = memcmp(quoted + (p->v6 ? 8 : 12), c->client, length) == 0;
	return get16(quoted + header + (sent ? 0 : 2));
}

/* Tells the frames' connections apart. False when a frame belongs to none. */
static bool number_connections(struct template *t)
{
	for (size_t i = 0; i < t->capture.count; i++) {
		const struct frame *f = &t->capture.frames[i];
		uint16_t port = client_port(&t->capture, f, &t->parts[i]);
		size_t k = 0;

		if (port == 0 || f->captured != f->wire)
			return false;
		while (k < t->connections && t->ports[k] != port)
			k++;
		if (k == CONNECTIONS_MAX)
			return false;
		if (k == t->connections)
			t->ports[t->connections++] = port;
		t->connection[i] = (uint8_t)k;
	}
	return true;
}

/* What is left of the last record behind n bytes, given what was left of one before them. */
static size_t walk_records(const uint8_t *bytes, size_t n, size_t left)
{
	size_t at = left;

	while (at + 5 <= n)
		at += 5U + get16(bytes + at + 3);
	return at > n ? at - n : at < n ? SIZE_MAX : 0; /* a header that is cut: nothing is known any more */
}

static void find_gap(struct template *t)
{
	size_t left = 0;
	uint32_t next[2] = {0}; /* sequence number that the client, the server sends next */
	bool started = false, asked = false;

	for (size_t i = 0; i < t->capture.count && left != SIZE_MAX; i++) {
		const struct parts *p = &t->parts[i];
		const uint8_t *payload = t->capture.frames[i].bytes + p->payload;
		size_t n = p->end - p->payload;

		if (!p->tcp)
			return;
		if (p->from_client) {
			next[0] = p->seq + (uint32_t)n + ((p->flags & TCP_SYN) != 0);
			asked = asked || (n && payload[0] == 23);
			if (n == 0 && p->flags == TCP_ACK && !t->gap.client_ack)
				t->gap.client_ack = i;
		} else if (n > 0) {
			if (started && p->seq != next[1])
				return;
			if (left == 0 && asked && payload[0] == 23 && n >= ANSWER_MIN && t->gap.client_ack) {
				t->gap.frame = i;
				t->gap.server_seq = p->seq;
				t->gap.client_seq = next[0];
			}
			left = walk_records(payload, n, left);
			next[1] = p->seq + (uint32_t)n;
			started = true;
		}
	}
}

/* Takes the capture over, or frees it. */
static bool template_make(struct template *t, struct capture *c, struct kinds *kinds)
{
	bool usable;

	*t = (struct template){.capture = *c};
	t->parts = need(calloc(c->count, sizeof(*t->parts)));
	t->connection = need(calloc(c->count, 1));
	for (size_t i = 0; i < c->count; i++)
		t->parts[i] = parts_of(c, &c->frames[i]);
	usable = !strstr(c->name, ".server") && number_connections(t) && read_verdicts(t, kinds);
	if (!usable) {
		free(t->parts);
		free(t->connection);
		capture_free(c);
		return false;
	}
	t->plain = strncmp(c->name, "healthy/plain.", 14) == 0;
	if (!t->failed && t->connections == 1)
		find_gap(t);
	return true;
}

struct templates templates_load(void)
{
	size_t count;
	struct capture *captures = captures_load(&count);
	struct templates t = {.of = need(calloc(count ? count : 1, sizeof(*t.of)))};

	for (size_t i = 0; i < count; i++)
		if (template_make(&t.of[t.count], &captures[i], &t.kinds))
			t.count++;
	free(captures);
	return t;
}

void templates_free(struct templates *t)
{
	for (size_t i = 0; i < t->count; i++) {
		free(t->of[i].parts);
		free(t->of[i].connection);
		capture_free(&t->of[i].capture);
	}
	free(t->of);
}
