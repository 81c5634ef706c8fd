/* pair_clock_test.c: how far two clocks are apart, from packets of both directions, of one, and of clocks that
 * drift. */
#include "tests/unit/suite.h"

#include "analyzer/cli/pair_clock.h"

#define MS INT64_C(1000000)

static void test_both_directions(void)
{
	struct pair_clock c = {0};

	/* B is 7200 s ahead; packets take 3 to 9 ms there and 1 to 5 ms back. */
	pair_clock_sample(&c, TO_SERVER, 0, 7200000 * MS + 9 * MS);
	pair_clock_sample(&c, TO_SERVER, 100 * MS, 7200100 * MS + 3 * MS);
	pair_clock_sample(&c, TO_CLIENT, 110 * MS + 5 * MS, 7200110 * MS);
	pair_clock_sample(&c, TO_CLIENT, 120 * MS + 1 * MS, 7200120 * MS);
	CU_ASSERT_TRUE(pair_clock_bounded(&c));
	CU_ASSERT_EQUAL(pair_clock_offset(&c), 7200001 * MS);
	CU_ASSERT_EQUAL(pair_clock_uncertainty(&c), 2 * MS);
}

static void test_one_direction(void)
{
	struct pair_clock c = {0};

	CU_ASSERT_FALSE(pair_clock_known(&c));
	CU_ASSERT_EQUAL(pair_clock_offset(&c), 0);
	pair_clock_sample(&c, TO_SERVER, 0, 9 * MS);
	pair_clock_sample(&c, TO_SERVER, 0, 4 * MS);
	CU_ASSERT_TRUE(pair_clock_known(&c));
	CU_ASSERT_FALSE(pair_clock_bounded(&c));
	CU_ASSERT_EQUAL(pair_clock_offset(&c), 4 * MS);
	CU_ASSERT_EQUAL(pair_clock_uncertainty(&c), 0);
}

static struct pair_clock between(int64_t low, int64_t high)
{
	return (struct pair_clock){.has_low = true, .has_high = true, .low_ns = low * MS, .high_ns = high * MS};
}

static void test_connections_narrow_it_down(void)
{
	struct pair_clock all[] = {between(-5, 5), {0}, between(-1, 9), between(-7, 3)};
	struct pair_clock joint = pair_clock_joint(all, 4);

	CU_ASSERT_EQUAL(pair_clock_offset(&joint), 1 * MS);
	CU_ASSERT_EQUAL(pair_clock_uncertainty(&joint), 2 * MS);
	CU_ASSERT_FALSE(joint.drifts);
}

static void test_drift(void)
{
	struct pair_clock all[] = {between(100, 102), between(0, 2), between(48, 52)};
	struct pair_clock joint = pair_clock_joint(all, 3);

	CU_ASSERT_TRUE(joint.drifts);
	CU_ASSERT_EQUAL(pair_clock_offset(&joint), 50 * MS);
	CU_ASSERT_EQUAL(pair_clock_uncertainty(&joint), 52 * MS); /* every connection's own lies within */
}

static void test_nothing_in_common(void)
{
	struct pair_clock all[] = {{0}, {0}};
	struct pair_clock joint = pair_clock_joint(all, 2);

	CU_ASSERT_FALSE(pair_clock_known(&joint));
	joint = pair_clock_joint(all, 0);
	CU_ASSERT_FALSE(pair_clock_known(&joint));
}

const struct unit_test unit_tests[] = {
	{"the fastest packets of both directions bound the offset", test_both_directions},
	{"packets of one direction bound it from one side", test_one_direction},
	{"several connections narrow it down", test_connections_narrow_it_down},
	{"where no value fits all, the median is told and how far it is off", test_drift},
	{"no packet in both captures says nothing", test_nothing_in_common},
	{NULL, NULL},
};
