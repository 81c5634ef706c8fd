/* firewall_test.c: rules are applied in their place, count what they met, and errors are nft's own. */
#include "in_cell.h"

#include "harness/firewall.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static const char rules[] = "table inet fault {\n"
			    "	counter every { }\n"
			    "	chain forward {\n"
			    "		type filter hook forward priority filter; policy accept;\n"
			    "		udp dport 9 counter name every\n"
			    "		udp dport 9 counter drop comment \"dropped datagrams\"\n"
			    "		tcp dport 9 counter\n"
			    "		udp dport 9 accept\n"
			    "	}\n"
			    "}\n"
			    "table ip6 other {\n"
			    "	chain c { counter; }\n"
			    "}\n";

/* The kernel forwards a datagram before sendto returns or soon after; the ICMP error of another one tells that it
 * did. */
static bool send_datagrams(const struct cell *cell, unsigned count, struct error *error)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = inet_addr(CELL_SERVER_IPV4)};
	char byte;
	int fd;
	bool ok;

	if (!cell_enter(cell, CELL_CLIENT, error))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ok = EXPECT(error, fd >= 0);
	for (unsigned i = 0; i < count && ok; i++)
		ok = EXPECT(error, sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) == 1);
	to.sin_port = htons(10);
	ok = ok && EXPECT(error, connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0) &&
	     EXPECT(error, send(fd, "x", 1, 0) == 1) && EXPECT(error, recv(fd, &byte, 1, 0) < 0) &&
	     EXPECT(error, errno == ECONNREFUSED);
	close(fd);
	return ok;
}

static bool is(const char *text, const char *expected)
{
	return expected ? text && strcmp(text, expected) == 0 : text == NULL;
}

static bool matches(const struct firewall_counter *counter, const struct firewall_counter *expected)
{
	return is(counter->family, expected->family) && is(counter->table, expected->table) &&
	       is(counter->chain, expected->chain) && is(counter->name, expected->name) &&
	       counter->packets == expected->packets && counter->bytes == expected->bytes &&
	       (counter->handle != 0) == (expected->chain != NULL);
}

static char inet[] = "inet", fault[] = "fault", every[] = "every", forward[] = "forward",
	    comment[] = "dropped datagrams", ip6[] = "ip6", other[] = "other", c[] = "c";

static bool counts(struct cell *cell, void *context, struct error *error)
{
	/* a datagram of one byte is 29 bytes of IPv4 */
	const struct firewall_counter expected[] = {
		{inet, fault, NULL, every, 0, 5, 145},
		{inet, fault, forward, comment, 1, 5, 145},
		{inet, fault, forward, NULL, 1, 0, 0},
		{ip6, other, c, NULL, 1, 0, 0},
	};
	struct firewall_counters counters = {0};
	bool ok = firewall_counters(cell, CELL_PATH, &counters, error) && EXPECT(error, counters.count == 0);

	(void)context;
	firewall_counters_free(&counters);
	ok = ok && firewall_apply(cell, CELL_PATH, rules, error) && send_datagrams(cell, 5, error) &&
	     firewall_counters(cell, CELL_PATH, &counters, error) && EXPECT(error, counters.count == 4);
	for (size_t i = 0; i < 4 && ok; i++)
		ok = matches(&counters.list[i], &expected[i]) || error_set(error, "counter %zu is not as expected", i);
	firewall_counters_free(&counters);
	firewall_counters_free(&counters);
	ok = ok && firewall_counters(cell, CELL_SERVER, &counters, error) && EXPECT(error, counters.count == 0);
	firewall_counters_free(&counters);
	return ok;
}

static bool refuses(struct cell *cell, void *context, struct error *error)
{
	struct firewall_counters counters = {0};
	struct error reason = {""};
	bool ok = EXPECT(error, !firewall_apply(cell, CELL_PATH,
						"table inet t {\n  chain c { tpc dport 443 drop; }\n}\n", &reason)) &&
		  EXPECT(error, strncmp(reason.text, "nft: ", 5) == 0) &&
		  EXPECT(error, strstr(reason.text, ":2:") != NULL) &&
		  EXPECT(error, strstr(reason.text, "syntax error") != NULL) &&
		  EXPECT(error, !firewall_apply(cell, CELL_PATH,
						"table inet good { chain c { counter; }\n}\nadd rule ip none c drop\n",
						&reason)) &&
		  EXPECT(error, strstr(reason.text, "No such file") != NULL);

	(void)context;
	ok = ok && firewall_counters(cell, CELL_PATH, &counters, error) && EXPECT(error, counters.count == 0);
	firewall_counters_free(&counters);
	return ok;
}

static bool skipped_without_rules(void)
{
	static struct error error;

	if (firewall_available(&error))
		return skipped_without_cells();
	unit_skip(error.text);
	return true;
}

static void test_counts(void)
{
	if (!skipped_without_rules())
		CU_ASSERT_TRUE(in_cell(NULL, counts, NULL));
}

static void test_refuses(void)
{
	if (!skipped_without_rules())
		CU_ASSERT_TRUE(in_cell(NULL, refuses, NULL));
}

static bool permitted(void)
{
	struct error error;

	return cell_permitted(&error);
}

static bool all_as_user(void)
{
	return in_cell(NULL, counts, NULL);
}

static void test_ordinary_user(void)
{
	if (skipped_without_rules())
		return;
	if (!as_ordinary_user(permitted))
		unit_skip("ordinary users may not make user namespaces on this machine");
	else
		CU_ASSERT_TRUE(as_ordinary_user(all_as_user));
}

const struct unit_test unit_tests[] = {
	{"rules count in their place and nowhere else", test_counts},
	{"bad rules are refused as a whole, in nft's own words", test_refuses},
	{"an ordinary user's rules do the same", test_ordinary_user},
	{NULL, NULL},
};
