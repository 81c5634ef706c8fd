/* wire_test.c: the wire in a cell: it carries everything, in order, does what its rules say, and ends when it is told
 * to. */
#include "in_cell.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "harness/wire.h"

#define PORT 4433

static const struct cell_options with_wire = {.wire = true};

/* A datagram socket in a place, bound to an address of it. */
static int open_socket(const struct cell *cell, enum cell_place place, bool ipv6, struct error *error)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
	int fd, size = 8 << 20;
	bool ok;

	if (!cell_enter(cell, place, error))
		return -1;
	fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* root may have more than rmem_max; others make do */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	ok = fd >= 0 && (ipv6 ? bind(fd, (struct sockaddr *)&in6, sizeof(in6))
			      : bind(fd, (struct sockaddr *)&in, sizeof(in))) == 0;
	return ok ? fd : (error_errno(error, "a datagram socket"), -1);
}

static bool connect_to(int fd, const char *address, bool ipv6)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};

	if (ipv6)
		return inet_pton(AF_INET6, address, &in6.sin6_addr) == 1 &&
		       connect(fd, (struct sockaddr *)&in6, sizeof(in6)) == 0;
	return inet_pton(AF_INET, address, &in.sin_addr) == 1 && connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0;
}

/* Sends the numbers from 0 to count - 1, each followed by as many bytes as make `size`. */
static bool send_numbers(int fd, uint32_t count, size_t size)
{
	static uint8_t bytes[1472];
	bool ok = true;

	for (uint32_t i = 0; ok && i < count; i++) {
		memcpy(bytes, &i, sizeof(i));
		ok = send(fd, bytes, size, 0) == (ssize_t)size;
	}
	return ok;
}

/* The next number that comes; -1: none within 10 s. */
static int64_t receive_number(int fd, size_t size)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint8_t bytes[1472];
	uint32_t number;

	if (poll(&p, 1, 10000) != 1 || recv(fd, bytes, sizeof(bytes), 0) != (ssize_t)size)
		return -1;
	memcpy(&number, bytes, sizeof(number));
	return number;
}

/* Both ends, connected to each other. */
struct ends {
	int client, server;
};

static bool open_ends(const struct cell *cell, bool ipv6, struct ends *ends, struct error *error)
{
	ends->client = open_socket(cell, CELL_CLIENT, ipv6, error);
	ends->server = open_socket(cell, CELL_SERVER, ipv6, error);
	return ends->client >= 0 && ends->server >= 0 &&
	       EXPECT(error, connect_to(ends->client, ipv6 ? CELL_SERVER_IPV6 : CELL_SERVER_IPV4, ipv6)) &&
	       EXPECT(error, connect_to(ends->server, ipv6 ? CELL_CLIENT_IPV6 : CELL_CLIENT_IPV4, ipv6));
}

/* Starts the wire with rules as a scenario file has them. */
static struct wire_process *start(const struct cell *cell, struct document *d, const char *text, struct error *error)
{
	struct wire_rules rules;

	if (!document_parse(d, "rules", text, strlen(text)) || !wire_take_rules(d, document_root(d), NULL, &rules)) {
		error_set(error, "%s", d->error);
		return NULL;
	}
	return wire_start(cell, &rules, error);
}

/* What a rule did, and the end of the wire. */
static bool finish(struct wire_process *wire, size_t rule, int acted, struct error *error)
{
	json_t *rules = wire_finish(wire, error);
	bool ok = rules &&
		  EXPECT(error, json_integer_value(json_object_get(json_array_get(rules, rule), "acted")) == acted);

	json_decref(rules);
	return ok;
}

static bool carry(struct cell *cell, void *context, struct error *error)
{
	enum { COUNT = 2000, SIZE = 1400 };
	const bool *ipv6 = context;
	struct document d = {.loaded = false};
	struct wire_process *wire = start(cell, &d, "[{match: 'udp port 4433', action: {rewrite: {ttl: 1}}}]", error);
	struct ends ends;
	bool ok = wire && open_ends(cell, *ipv6, &ends, error);

	for (uint32_t sent = 0; ok && sent < COUNT; sent += 50) {
		ok = EXPECT(error, send_numbers(ends.client, 50, SIZE));
		for (uint32_t i = 0; ok && i < 50; i++)
			ok = EXPECT(error, receive_number(ends.server, SIZE) == i);
	}
	ok = ok && EXPECT(error, send_numbers(ends.server, 1, 4)) &&
	     EXPECT(error, receive_number(ends.client, 4) == 0) &&
	     /* an action on TCP has nothing to do to a datagram */
	     finish(wire, 0, 0, error);
	wire_process_free(wire);
	document_free(&d);
	return ok;
}

static void test_carrying(void)
{
	static bool families[] = {false, true};

	if (skipped_without_cells())
		return;
	CU_ASSERT(in_cell(&with_wire, carry, &families[0]));
	if (access("/proc/sys/net/ipv6", F_OK) == 0)
		CU_ASSERT(in_cell(&with_wire, carry, &families[1]));
}

/* Of ten datagrams every third is lost, and the first one comes behind the second. */
static bool fail(struct cell *cell, void *context, struct error *error)
{
	static const char rules[] = "- {match: 'udp dst port 4433', direction: to-server, every: 3, action: drop}\n"
				    "- {match: 'udp', direction: to-server, first: 1, action: {reorder: 1}}\n"
				    "- {match: 'udp', direction: to-client, action: {duplicate: 1}}\n";
	static const int64_t expected[] = {1, 0, 3, 4, 6, 7, 9};
	struct document d = {.loaded = false};
	struct wire_process *wire = start(cell, &d, rules, error);
	struct ends ends;
	bool ok = wire && open_ends(cell, false, &ends, error) && EXPECT(error, send_numbers(ends.client, 10, 4));

	(void)context;
	for (size_t i = 0; ok && i < sizeof(expected) / sizeof(expected[0]); i++)
		ok = EXPECT(error, receive_number(ends.server, 4) == expected[i]);
	ok = ok && EXPECT(error, send_numbers(ends.server, 2, 4));
	for (int64_t i = 0; ok && i < 4; i++)
		ok = EXPECT(error, receive_number(ends.client, 4) == i / 2);
	ok = ok && finish(wire, 0, 3, error);
	wire_process_free(wire);
	document_free(&d);
	return ok;
}

static void test_faults(void)
{
	if (!skipped_without_cells())
		CU_ASSERT(in_cell(&with_wire, fail, NULL));
}

static int64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Never early, whatever the load; and in order with what is not delayed. */
static bool delay(struct cell *cell, void *context, struct error *error)
{
	static const char rules[] = "[{match: 'udp', direction: to-server, first: 1, action: {delay: 50}}]";
	struct document d = {.loaded = false};
	struct wire_process *wire = start(cell, &d, rules, error);
	struct ends ends;
	int64_t start_time = milliseconds();
	bool ok = wire && open_ends(cell, false, &ends, error) && EXPECT(error, send_numbers(ends.client, 3, 4));

	(void)context;
	for (int64_t i = 0; ok && i < 3; i++)
		ok = EXPECT(error, receive_number(ends.server, 4) == i) &&
		     EXPECT(error, milliseconds() - start_time >= 50);
	ok = ok && finish(wire, 0, 1, error);
	wire_process_free(wire);
	document_free(&d);
	return ok;
}

static void test_delay(void)
{
	if (!skipped_without_cells())
		CU_ASSERT(in_cell(&with_wire, delay, NULL));
}

/* Freed without a report, as after an error: nothing runs and nothing passes any more. */
static bool stop(struct cell *cell, void *context, struct error *error)
{
	struct document d = {.loaded = false};
	struct wire_process *wire = start(cell, &d, "[]", error);
	struct pollfd p = {.events = POLLIN};
	struct ends ends;
	bool ok = wire && open_ends(cell, false, &ends, error);

	(void)context;
	wire_process_free(wire);
	document_free(&d);
	ok = ok && EXPECT(error, waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD) &&
	     EXPECT(error, send_numbers(ends.client, 1, 4));
	p.fd = ends.server;
	return ok && EXPECT(error, poll(&p, 1, 0) == 0);
}

static void test_end(void)
{
	if (!skipped_without_cells())
		CU_ASSERT(in_cell(&with_wire, stop, NULL));
}

/* A cell without a wire has no place for one. */
static bool refuse(struct cell *cell, void *context, struct error *error)
{
	struct document d = {.loaded = false};
	struct wire_process *wire = start(cell, &d, "[]", error);
	bool refused = EXPECT(error, wire == NULL && strstr(error->text, "the wire's links"));

	(void)context;
	wire_process_free(wire);
	document_free(&d);
	return refused;
}

static void test_refusal(void)
{
	if (!skipped_without_cells())
		CU_ASSERT(in_cell(NULL, refuse, NULL));
}

const struct unit_test unit_tests[] = {
	{"everything is carried, both ways and in order", test_carrying},
	{"rules are applied and counted", test_faults},
	{"what is delayed comes late, and what is behind it later", test_delay},
	{"the wire ends when it is freed", test_end},
	{"a cell without a wire says so", test_refusal},
	{NULL, NULL},
};
