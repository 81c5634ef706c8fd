/* preamble_fuzz.c: a conversation of any bytes, cut in any way, ends the same as when it is fed byte by byte.
 *
 * The input is the server's port, then pieces: a byte of direction (bit 7) and length, then that many bytes.
 */
#include <stdlib.h>

#include "analyzer/preamble.h"

struct run {
	struct preamble p;
	size_t taken[2];
	bool tls[2];
};

static void feed(struct run *r, bool from_client, const uint8_t *bytes, size_t n)
{
	size_t taken;

	if (r->tls[!from_client])
		return;
	taken = preamble_feed(&r->p, from_client, bytes, n);
	if (taken > n)
		abort();
	r->taken[!from_client] += taken;
	r->tls[!from_client] = taken < n;
}

static bool same_word(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void compare(const struct run *a, const struct run *b)
{
	if (a->p.state != b->p.state || a->p.offer != b->p.offer || a->p.code != b->p.code ||
	    a->p.continued != b->p.continued || !same_word(a->p.protocol, b->p.protocol) ||
	    !same_word(a->p.tunnel, b->p.tunnel) || a->taken[0] != b->taken[0] || a->taken[1] != b->taken[1] ||
	    a->tls[0] != b->tls[0] || a->tls[1] != b->tls[1] || preamble_wants_tls(&a->p) != preamble_wants_tls(&b->p))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_over(data, size);
	struct run whole = {.taken = {0, 0}}, bytewise = {.taken = {0, 0}};
	const uint8_t *bytes;
	uint16_t port;
	uint8_t head;

	if (!cursor_u16(&c, &port))
		return 0;
	preamble_init(&whole.p, port);
	preamble_init(&bytewise.p, port);
	while (cursor_u8(&c, &head)) {
		size_t n = (head & 0x7f) < c.left ? head & 0x7f : c.left;

		/* Length 127: all the same bytes again and again, to reach what is longer than a piece can be. */
		size_t times = (head & 0x7f) == 0x7f ? 8 : 1;

		if (!cursor_bytes(&c, n, &bytes))
			break;
		for (size_t t = 0; t < times; t++) {
			feed(&whole, head & 0x80, bytes, n);
			for (size_t i = 0; i < n; i++)
				feed(&bytewise, head & 0x80, bytes + i, 1);
		}
	}
	compare(&whole, &bytewise);
	return 0;
}
