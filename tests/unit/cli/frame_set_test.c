/* frame_set_test.c: frames taken and their places, against counting them one by one. */
#include "tests/unit/suite.h"

#include "analyzer/cli/frame_set.h"

#include <string.h>

static void test_empty(void)
{
	struct frame_set set = {0};
	struct frame_place place = {0};

	CU_ASSERT(!frame_set_has(&set, 1));
	CU_ASSERT_EQUAL(frame_set_place(&set, 1000000, &place), 0);
	frame_set_free(&set);
}

#define FRAMES 200000u

static void check(bool (*taken)(unsigned))
{
	struct frame_set set = {0};
	struct frame_place place = {0};
	uint64_t count = 0;

	for (unsigned i = 1; i <= FRAMES; i++) {
		if (taken(i))
			CU_ASSERT_FATAL(frame_set_add(&set, i));
	}
	for (unsigned i = 1; i <= FRAMES; i++) {
		struct frame_place fresh = {0};

		count += taken(i);
		CU_ASSERT_FATAL(frame_set_has(&set, i) == taken(i));
		CU_ASSERT_FATAL(frame_set_place(&set, i, &place) == count);
		if (i % 4999 == 0)
			CU_ASSERT_FATAL(frame_set_place(&set, i, &fresh) == count);
	}
	CU_ASSERT_EQUAL(frame_set_place(&set, UINT64_MAX, &place), count);
	frame_set_free(&set);
}

static bool every(unsigned i)
{
	return i != 0;
}

static bool third(unsigned i)
{
	return i % 3 == 0;
}

static bool words_apart(unsigned i)
{
	return i % 64 == 63 || i % 64 == 0;
}

static bool late(unsigned i)
{
	return i > FRAMES - 70;
}

static void test_places(void)
{
	check(every);
	check(third);
	check(words_apart);
	check(late);
}

const struct unit_test unit_tests[] = {
	{"nothing is in an empty set", test_empty},
	{"frames have their places among those taken", test_places},
	{0},
};
