/* overlay_test.c: bytes put at offsets and read again in pieces of every size. */
#include "analyzer/overlay.h"

#include <string.h>

#include "tests/unit/suite.h"

#define FAR (UINT64_C(1) << 40)

static void everywhere(void)
{
	struct overlay o = {0};
	uint8_t whole[40] = {0}, part[40];

	/* Out of order, with gaps, touching, and one again. */
	CU_ASSERT_TRUE(overlay_put(&o, 20, (const uint8_t *)"records", 7));
	CU_ASSERT_TRUE(overlay_put(&o, 3, (const uint8_t *)"head", 4));
	CU_ASSERT_TRUE(overlay_put(&o, 7, (const uint8_t *)"body", 4));
	CU_ASSERT_TRUE(overlay_put(&o, 3, (const uint8_t *)"he", 2));
	CU_ASSERT_TRUE(overlay_put(&o, 30, (const uint8_t *)"", 0));
	memcpy(whole + 20, "records", 7);
	memcpy(whole + 3, "headbody", 8);
	for (size_t at = 0; at < sizeof(whole); at++)
		for (size_t n = 0; at + n <= sizeof(whole); n++) {
			memset(part, 0xff, sizeof(part));
			overlay_get(&o, at, part, n);
			CU_ASSERT_EQUAL(memcmp(part, whole + at, n), 0);
			CU_ASSERT(n == sizeof(part) || part[n] == 0xff);
		}
	overlay_clear(&o);
}

static void put_again(void)
{
	struct overlay o = {0};
	uint8_t out[8];

	overlay_put(&o, 5, (const uint8_t *)"ab", 2);
	overlay_put(&o, 5, (const uint8_t *)"xyz", 3);
	overlay_get(&o, 4, out, sizeof(out));
	CU_ASSERT_EQUAL(memcmp(out, "\0xyz\0\0\0\0", 8), 0);
	overlay_clear(&o);
}

static void far_apart(void)
{
	struct overlay o = {0};
	uint8_t out[4];

	for (uint64_t i = 0; i < 1000; i++)
		overlay_put(&o, FAR + i * 16384, (const uint8_t *)"\x17\3\3\x40", 4);
	overlay_get(&o, FAR + UINT64_C(999) * 16384, out, 4);
	CU_ASSERT_EQUAL(memcmp(out, "\x17\3\3\x40", 4), 0);
	overlay_get(&o, FAR - 2, out, 4);
	CU_ASSERT_EQUAL(memcmp(out, "\0\0\x17\3", 4), 0);
	CU_ASSERT(overlay_memory(&o) < 100000);
	overlay_clear(&o);
	CU_ASSERT_EQUAL(overlay_memory(&o), 0);
}

const struct unit_test unit_tests[] = {
	{"what was put is read, zeros are between", everywhere},
	{"what is put again counts", put_again},
	{"memory is taken for what was put alone", far_apart},
	{NULL, NULL},
};
