/* flow_test.c: connections are found from either end, and the one unused longest goes first. */
#include "analyzer/flow.h"

#include "tests/unit/suite.h"

static struct ip_address ipv4(uint32_t host)
{
	return (struct ip_address){.version = 4,
				   .bytes = {10, (uint8_t)(host >> 16), (uint8_t)(host >> 8), (uint8_t)host}};
}

static const struct ip_address server = {.version = 4, .bytes = {203, 0, 113, 20}};

static struct flow *add(struct flow_table *t, uint32_t host)
{
	struct ip_address client = ipv4(host);

	return flow_add(t, &client, 40000, &server, 443);
}

static struct flow *find(struct flow_table *t, uint32_t host, int *from)
{
	struct ip_address client = ipv4(host);

	return flow_find(t, &client, 40000, &server, 443, from);
}

static void both_ends(void)
{
	struct flow_table *t = flow_table_new(8);
	struct ip_address client = ipv4(1);
	struct flow *f = add(t, 1);
	int from = -1;

	CU_ASSERT_PTR_EQUAL(find(t, 1, &from), f);
	CU_ASSERT_EQUAL(from, 0);
	CU_ASSERT_PTR_EQUAL(flow_find(t, &server, 443, &client, 40000, &from), f);
	CU_ASSERT_EQUAL(from, 1);
	CU_ASSERT_PTR_NULL(flow_find(t, &client, 443, &server, 40000, &from)); /* the ports the other way round */
	CU_ASSERT_PTR_NULL(find(t, 2, &from));
	flow_table_free(t);
}

static void oldest_first(void)
{
	struct flow_table *t = flow_table_new(3);
	int from;

	for (uint32_t i = 0; i < 3; i++)
		CU_ASSERT_PTR_NOT_NULL(add(t, i));
	CU_ASSERT_PTR_NULL(add(t, 3));
	find(t, 0, &from);
	find(t, 1, &from); /* both used: now 2 is the oldest */
	CU_ASSERT_TRUE(memcmp(&flow_oldest(t)->address[0], &(struct ip_address){.version = 4, .bytes = {10, 0, 0, 2}},
			      sizeof(struct ip_address)) == 0);
	flow_remove(t, flow_oldest(t));
	CU_ASSERT_PTR_NULL(find(t, 2, &from));
	CU_ASSERT_PTR_NOT_NULL(add(t, 3));
	CU_ASSERT_PTR_NOT_NULL(find(t, 0, &from));
	CU_ASSERT_PTR_NOT_NULL(find(t, 3, &from));
	flow_table_free(t);
}

static void many(void)
{
	enum { SLOTS = 1000, FLOWS = 50000 };
	struct flow_table *t = flow_table_new(SLOTS);
	unsigned found = 0;
	int from;

	for (uint32_t i = 0; i < FLOWS; i++) {
		if (!add(t, i)) {
			flow_remove(t, flow_oldest(t));
			CU_ASSERT_PTR_NOT_NULL(add(t, i));
		}
	}
	for (uint32_t i = 0; i < FLOWS; i++)
		found += find(t, i, &from) != NULL;
	CU_ASSERT_EQUAL(found, SLOTS);
	for (uint32_t i = FLOWS - SLOTS; i < FLOWS; i++)
		CU_ASSERT_PTR_NOT_NULL(find(t, i, &from));
	while (flow_oldest(t))
		flow_remove(t, flow_oldest(t));
	CU_ASSERT_PTR_NULL(find(t, FLOWS - 1, &from));
	flow_table_free(t);
}

const struct unit_test unit_tests[] = {
	{"a connection is found from both ends", both_ends},
	{"the one unused longest goes first", oldest_first},
	{"many more connections than slots leave the latest", many},
	{NULL, NULL},
};
