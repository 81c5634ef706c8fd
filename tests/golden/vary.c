/* vary.c: every golden capture, as it might have been captured elsewhere, gets the verdict that it should.
 *
 * A table of what can happen to packets and to captures (vary.h), each row with what may then be said (judge.h). The
 * verdict on the whole capture is right (tests/golden/check sees to that); here it is compared with that on the varied
 * one. Prints TAP, a test for each row, with capture, row and position of what went wrong.
 *
 *     variations [NAME]    only captures whose name begins so, and all that goes wrong with them
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "vary.h"

/* Of longer captures only so many positions are tried, evenly spread. */
#define POSITIONS_MAX 48
#define SHOWN_MAX 12

/* LINKTYPE_ values of https://www.tcpdump.org/linktypes.html */
enum {
	NULL_LOOPBACK = 0,
	ETHERNET_LINK = 1,
	RAW_OLD = 12,
	RAW = 101,
	SLL = 113,
	IPV4 = 228,
	IPV6 = 229,
	NFLOG_LINK = 239,
	SLL2 = 276
};

static const struct variation variations[] = {
	/* A mirrored port gives every packet twice, before and behind a router. */
	{"every packet captured twice", vary_mirror, .expect = &expect_same},
	{"every packet captured twice, the copy after the next packet", vary_mirror, .expect = &expect_same, .size = 1},
	{"every packet captured before and behind a router", vary_mirror_hop, .expect = &expect_same},
	{"… the copy after the next packet", vary_mirror_hop, .expect = &expect_same, .size = 1},
	{"every packet captured on a trunk too", vary_mirror_tagged, .expect = &expect_same},
	{"… the copy after the next packet", vary_mirror_tagged, .expect = &expect_same, .size = 1},

	/* Several receive queues write packets that came within a moment in any order. */
	{"two packets exchanged", vary_swap, .each = "frame", .expect = &expect_same_handshake},

	{"in IP fragments of 32 bytes", vary_fragments, .expect = &expect_same, .size = 32},
	{"in IP fragments of 1280 bytes", vary_fragments, .expect = &expect_same, .size = 1280},
	{"in IP fragments of 64 bytes, the last one first", vary_fragments_reversed, .expect = &expect_same,
	 .size = 64},

	{"in segments of 1 byte", vary_split, .expect = &expect_same_bytes, .size = 1},
	{"in segments of 5 bytes", vary_split, .expect = &expect_same_bytes, .size = 5},
	{"in segments of 536 bytes", vary_split, .expect = &expect_same_bytes, .size = 536},
	{"in offload-sized segments", vary_merge, .expect = &expect_same_bytes, .size = 65000},

	{"repeated, reordered, captured twice", vary_noise, .each = "seed", .expect = &expect_same_bytes, .size = 100},

	{"as raw IP", vary_link, .expect = &expect_same, .linktype = RAW},
	{"as raw IP of BSD", vary_link, .expect = &expect_same, .linktype = RAW_OLD},
	{"as cooked by Linux", vary_link, .expect = &expect_same, .linktype = SLL, .layers = {COOKED}},
	{"as cooked by Linux, version 2", vary_link, .expect = &expect_same, .linktype = SLL2, .layers = {COOKED_2}},
	{"on a loopback", vary_link, .expect = &expect_same, .linktype = NULL_LOOPBACK, .layers = {LOOPBACK}},
	{"in 802.1Q", vary_link, .expect = &expect_same, .linktype = ETHERNET_LINK, .layers = {VLAN, ETHERNET}},
	{"in QinQ", vary_link, .expect = &expect_same, .linktype = ETHERNET_LINK,
	 .layers = {VLAN, SERVICE_VLAN, ETHERNET}},
	{"in PPPoE", vary_link, .expect = &expect_same, .linktype = ETHERNET_LINK, .layers = {PPPOE, VLAN, ETHERNET}},
	{"in MPLS", vary_link, .expect = &expect_same, .linktype = ETHERNET_LINK, .layers = {MPLS, ETHERNET}},
	{"in GRE", vary_link, .expect = &expect_same, .linktype = ETHERNET_LINK, .layers = {GRE, OUTER_IPV4, ETHERNET}},
	{"in VXLAN", vary_link, .expect = &expect_same, .linktype = ETHERNET_LINK,
	 .layers = {VXLAN, OUTER_IPV4, ETHERNET}},
	{"in VXLAN over IPv6 as raw IP", vary_link, .expect = &expect_same, .linktype = RAW,
	 .layers = {VXLAN, OUTER_IPV6}},
	{"in GENEVE", vary_link, .expect = &expect_same, .linktype = ETHERNET_LINK,
	 .layers = {GENEVE, OUTER_IPV4, ETHERNET}},
	{"in GTP", vary_link, .expect = &expect_same, .linktype = RAW, .layers = {GTP, OUTER_IPV4}},
	{"mirrored in ERSPAN", vary_link, .expect = &expect_same, .linktype = ETHERNET_LINK,
	 .layers = {ERSPAN, OUTER_IPV4, ETHERNET}},
	{"as logged by netfilter", vary_link, .expect = &expect_same, .linktype = NFLOG_LINK, .layers = {NFLOG}},
	{"in IPv4", vary_link, .expect = &expect_same, .linktype = ETHERNET_LINK, .layers = {OUTER_IPV4, ETHERNET}},
	{"in IPv6", vary_link, .expect = &expect_same, .linktype = SLL, .layers = {OUTER_IPV6, COOKED}},
	{"with the other version of IP", vary_ip_version, .expect = &expect_same},

	{"the capture ends early", vary_end, .each = "frame", .expect = &expect_beginning},
	{"the capture begins late", vary_begin, .each = "frame", .expect = &expect_less},
	{"one packet not captured", vary_without, .each = "frame", .expect = &expect_less},
	{"only the client's packets", vary_one_side, .expect = &expect_less, .size = 0},
	{"only the packets to the client", vary_one_side, .expect = &expect_less, .size = 1},

	{"54 bytes of each packet", vary_snaplen, .expect = &expect_less, .size = 54},
	{"68 bytes of each packet", vary_snaplen, .expect = &expect_less, .size = 68},
	{"96 bytes of each packet", vary_snaplen, .expect = &expect_less, .size = 96},
	{"128 bytes of each packet", vary_snaplen, .expect = &expect_less, .size = 128},
	{"256 bytes of each packet", vary_snaplen, .expect = &expect_less, .size = 256},
};

struct golden {
	struct capture *captures;
	struct judgements *whole; /* of each */
	size_t count;
	size_t tests, failed, shown_max;
};

/* What the analyzer is known not to see yet, by the captures in which it shows. They are tried all the same and told as
 * comments; a row here is work to be done, never a judgement that what was said is right. */
static const struct {
	const char *capture, *what;
} gaps[] = {
	{"client-hello/second-segment-lost", "a loss behind more segments than are kept"},
};

static const char *known_gap(const char *name)
{
	for (size_t i = 0; i < sizeof(gaps) / sizeof(*gaps); i++)
		if (strncmp(name, gaps[i].capture, strlen(gaps[i].capture)) == 0)
			return gaps[i].what;
	return NULL;
}

static void complain(size_t *failures, size_t max, const char *name, const char *where, const char *what)
{
	const char *gap = known_gap(name);

	if (gap) {
		printf("#   known gap, %s%s: %s: %s\n", name, where, gap, what);
		return;
	}
	if ((*failures)++ < max)
		printf("#   %s%s: %s\n", name, where, what);
}

static void result(struct golden *g, const char *name, size_t tried, size_t failures)
{
	if (failures > g->shown_max)
		printf("#   … %zu of %zu in all\n", failures, tried);
	else if (failures)
		printf("#   %zu of %zu\n", failures, tried);
	printf("%s %zu - %s\n", failures || !tried ? "not ok" : "ok", ++g->tests, name);
	fflush(stdout);
	g->failed += failures || !tried;
}

/* Tries a row at one position. True when it applies. */
static bool try(const struct golden *g, const struct variation *v, size_t i, size_t at, size_t *failures)
{
	struct capture varied = capture_like(&g->captures[i]);
	struct judgements now = {0};
	bool applies = v->make(&g->captures[i], v, at, &varied);
	char what[512], where[64] = "";

	if (applies) {
		judge(&varied, &now);
		if (v->each)
			snprintf(where, sizeof(where), ", %s %zu of %zu", v->each, at + 1, g->captures[i].count);
		if (judgements_differ(v->expect, &g->whole[i], &now, &varied, what, sizeof(what)))
			complain(failures, g->shown_max, g->captures[i].name, where, what);
	}
	judgements_free(&now);
	capture_free(&varied);
	return applies;
}

static void try_row(struct golden *g, const struct variation *v)
{
	size_t tried = 0, failures = 0;

	for (size_t i = 0; i < g->count; i++) {
		size_t end = v->each ? g->captures[i].count : 1, step = 1 + end / POSITIONS_MAX;

		for (size_t at = 0; at < end; at += step)
			tried += try(g, v, i, at, &failures);
	}
	result(g, v->name, tried, failures);
}

/* All packets of all captures by time, each capture beginning a little after the one before it. */
static struct capture mixed(const struct golden *g)
{
	struct capture all = {.name = NULL, .linktype = ETHERNET_LINK}, *parts = calloc(g->count, sizeof(*parts));
	size_t *next = calloc(g->count, sizeof(*next)), first;

	if (!parts || !next)
		abort();
	for (size_t i = 0; i < g->count; i++) {
		parts[i] = capture_like(&g->captures[i]);
		capture_copy_part(&parts[i], &g->captures[i], 0, g->captures[i].count);
		vary_client(&parts[i], (uint16_t)(10000 + i), 1 + (int64_t)i * 100000);
	}
	do {
		first = g->count;
		for (size_t i = 0; i < g->count; i++)
			if (next[i] < parts[i].count &&
			    (first == g->count ||
			     parts[i].frames[next[i]].time_ns < parts[first].frames[next[first]].time_ns))
				first = i;
		if (first < g->count)
			capture_copy(&all, &parts[first].frames[next[first]++]);
	} while (first < g->count);
	for (size_t i = 0; i < g->count; i++)
		capture_free(&parts[i]);
	free(parts);
	free(next);
	return all;
}

static void try_mixed(struct golden *g)
{
	struct capture all = mixed(g);
	struct judgements said = {0};
	size_t failures = 0;

	judge(&all, &said);
	for (size_t i = 0; i < g->count; i++) {
		struct judgements own = {0};
		char what[512];

		for (size_t n = 0; n < said.count; n++) {
			struct judgement *j = &said.of[n];

			if (j->ports[0] != 10000 + i)
				continue;
			j->ports[0] = g->whole[i].count ? g->whole[i].of[0].ports[0] : 0;
			own = (struct judgements){.of = j, .count = 1};
		}
		/* Not where the new port makes one connection of several, nor where more could be said had the capture
		 * gone on. */
		if (g->whole[i].count != 1 || g->whole[i].of[0].outcome == TLSDIAG_INCOMPLETE)
			continue;
		if (judgements_differ(&expect_same, &g->whole[i], &own, &all, what, sizeof(what)))
			complain(&failures, g->shown_max, g->captures[i].name, "", what);
	}
	result(g, "all captures at once", g->count, failures);
	judgements_free(&said);
	capture_free(&all);
}

static void try_beside(struct golden *g)
{
	size_t failures = 0;

	for (size_t i = 0; i < g->count; i++) {
		struct judgements now = {0};
		char what[512];

		judge_beside(&g->captures[i], &now);
		if (judgements_differ(&expect_same, &g->whole[i], &now, &g->captures[i], what, sizeof(what)))
			complain(&failures, g->shown_max, g->captures[i].name, "", what);
		judgements_free(&now);
	}
	result(g, "with another analyzer beside it", g->count, failures);
}

/* What a capture that leaves the lab may show: documentation addresses (RFC 5737, RFC 3849) and link addresses that
 * nobody has. */
static bool documentation(const struct capture *c, const struct frame *f)
{
	static const uint8_t local[5] = {2}, v6[4] = {0x20, 0x01, 0x0d, 0xb8},
			     nets[][3] = {{192, 0, 2}, {198, 51, 100}, {203, 0, 113}};
	struct parts p = parts_of(c, f);
	size_t size = p.v6 ? 16 : 4;

	if (memcmp(f->bytes, local, sizeof(local)) != 0 || memcmp(f->bytes + 6, local, sizeof(local)) != 0)
		return false;
	for (size_t i = 0; i < 2; i++) {
		const uint8_t *address = f->bytes + IP_AT + (p.v6 ? 8 : 12) + i * size;
		bool known = p.v6 && memcmp(address, v6, sizeof(v6)) == 0;

		for (size_t n = 0; !p.v6 && n < 3; n++)
			known |= memcmp(address, nets[n], 3) == 0;
		if (!known)
			return false;
	}
	return true;
}

static void try_addresses(struct golden *g)
{
	size_t failures = 0;

	for (size_t i = 0; i < g->count; i++)
		for (size_t n = 0; n < g->captures[i].count; n++)
			if (!documentation(&g->captures[i], &g->captures[i].frames[n]))
				complain(&failures, g->shown_max, g->captures[i].name, "",
					 "an address that is not for documentation");
	result(g, "documentation addresses only", g->count, failures);
}

int main(int argc, char **argv)
{
	struct golden g = {.shown_max = argc > 1 ? SIZE_MAX : SHOWN_MAX};
	size_t rows = sizeof(variations) / sizeof(*variations), kept = 0;

	g.captures = captures_load(&g.count);
	for (size_t i = 0; i < g.count; i++) {
		if (argc > 1 && strncmp(g.captures[i].name, argv[1], strlen(argv[1])) != 0)
			capture_free(&g.captures[i]);
		else
			g.captures[kept++] = g.captures[i];
	}
	g.count = kept;
	g.whole = calloc(g.count + 1, sizeof(*g.whole));
	if (!g.whole)
		return EXIT_FAILURE;
	for (size_t i = 0; i < g.count; i++)
		judge(&g.captures[i], &g.whole[i]);

	printf("1..%zu\n", rows + 3);
	try_addresses(&g);
	for (size_t i = 0; i < rows; i++)
		try_row(&g, &variations[i]);
	try_mixed(&g);
	try_beside(&g);

	for (size_t i = 0; i < g.count; i++) {
		judgements_free(&g.whole[i]);
		capture_free(&g.captures[i]);
	}
	free(g.whole);
	free(g.captures);
	return g.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
