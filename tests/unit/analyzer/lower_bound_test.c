/* lower_bound_test.c: keys before, between, among and behind those of an array. */
#include "analyzer/lower_bound.h"

#include "tests/unit/suite.h"

static int compare(const void *key, const void *item)
{
	int wanted = *(const int *)key, other = *(const int *)item;

	return (wanted > other) - (wanted < other);
}

static void test_place(void)
{
	static const int items[] = {10, 20, 20, 20, 30};
	static const struct {
		int key;
		size_t count, place;
	} rows[] = {
		{5, 0, 0},  {5, 5, 0},  {10, 5, 0}, {15, 5, 1}, {20, 5, 1},
		{20, 2, 1}, {25, 5, 4}, {30, 5, 4}, {35, 5, 5},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CU_ASSERT_EQUAL(lower_bound(&rows[i].key, items, rows[i].count, sizeof(*items), compare),
				rows[i].place);
}

const struct unit_test unit_tests[] = {
	{"the first of equals is found, and the place of what is not there", test_place},
	{NULL, NULL},
};
