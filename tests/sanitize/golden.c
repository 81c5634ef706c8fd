/* golden.c: sanitizes every golden capture, after its documentation addresses became others, and says whether each verdict is
 * the same and whether something of what identifies is left. Arguments: names of captures, or how they begin.
 */
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

/* All that a verdict says, but for names and addresses. */
static void on_verdict(const struct tlsdiag_verdict *v, void *context)
{
	char *text = context;

	told(text, "%s %s by %s, %s; ", tlsdiag_outcome_name(v->outcome), v->signature, tlsdiag_party_name(v->by),
	     tlsdiag_certainty_name(v->certainty));
	for (int i = 0; i < TLSDIAG_STAGES; i++)
		if (v->milestones[i].reached)
			told(text, "%s%s@%llu ", tlsdiag_stage_name((enum tlsdiag_stage)i),
			     v->milestones[i].inferred ? "?" : "", (unsigned long long)v->milestones[i].at.frame);
	for (size_t i = 0; i < v->evidence_count; i++)
		told(text, "%.10s%s@%llu ", v->evidence[i].shows, v->evidence[i].decisive ? "!" : "",
		     (unsigned long long)v->evidence[i].at.frame);
	told(text, "%s, %s, %zu findings", v->protocol, v->alert.name, v->certificate.finding_count);
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

static bool check(struct capture *c)
{
	static char before[TOLD_MAX], after[TOLD_MAX];
	struct secrets secrets = {0};
	const struct secret *left;
	struct capture shared;
	size_t frame, at;
	bool ok = true;

	move_addresses(c);
	secrets_collect(c, &secrets);
	shared = sanitize(c);
	analyze(c, before);
	analyze(&shared, after);
	if (strcmp(before, after) != 0) {
		printf("# %s: the verdict was\n#   %s#   and is\n#   %s", c->name, before, after);
		ok = false;
	}
	if (!same_checksums(c, &shared)) {
		printf("# %s: a checksum that was right is wrong, or the other way round\n", c->name);
		ok = false;
	}
	left = secrets_found(&secrets, &shared, &frame, &at);
	if (left) {
		printf("# %s: frame %zu has at byte %zu what was in %s: \"%.*s\"\n", c->name, frame, at, left->what,
		       (int)left->gram, (const char *)shared.frames[frame - 1].bytes + at);
		ok = false;
	}
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
			failed += !check(&all[i]);
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
