/* cell_test.c: what a cell is (addresses, names, settings, quiet interfaces), for root and for ordinary users, many at
 * once, and that nothing of it survives its maker, whenever that is killed. */
#include "in_cell.h"

#include "harness/network.h"
#include "harness/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define PORT 443

/* The address and port, as the socket calls want them. */
static socklen_t socket_address(const char *text, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &ipv4->sin_addr) == 1) {
		ipv4->sin_family = AF_INET;
		ipv4->sin_port = htons(port);
		return sizeof(*ipv4);
	}
	if (inet_pton(AF_INET6, text, &ipv6->sin6_addr) != 1)
		return 0;
	ipv6->sin6_family = AF_INET6;
	ipv6->sin6_port = htons(port);
	return sizeof(*ipv6);
}

static int open_socket(const struct cell *cell, enum cell_place place, int family, int type, struct error *error)
{
	int fd;

	if (!cell_enter(cell, place, error))
		return -1;
	fd = socket(family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		error_errno(error, "socket");
	return fd;
}

/* A connection from client to server, made at once after the cell; the server must see the client's own address. */
static bool connects(const struct cell *cell, const char *server, const char *client, struct error *error)
{
	struct sockaddr_storage address, expected, peer;
	socklen_t length = socket_address(server, PORT, &address), peer_length = sizeof(peer);
	int listener = open_socket(cell, CELL_SERVER, address.ss_family, SOCK_STREAM, error);
	int caller = open_socket(cell, CELL_CLIENT, address.ss_family, SOCK_STREAM, error), callee = -1, repeats = 1;
	bool ok = EXPECT(error, listener >= 0 && caller >= 0) &&
		  EXPECT(error, setsockopt(caller, IPPROTO_TCP, 7 /* TCP_SYNCNT */, &repeats, sizeof(repeats)) == 0) &&
		  EXPECT(error, bind(listener, (struct sockaddr *)&address, length) == 0) &&
		  EXPECT(error, listen(listener, 1) == 0) &&
		  EXPECT(error, connect(caller, (struct sockaddr *)&address, length) == 0) &&
		  EXPECT(error, (callee = accept(listener, (struct sockaddr *)&peer, &peer_length)) >= 0);

	socket_address(client, 0, &expected);
	if (ok && peer.ss_family == AF_INET)
		ok = EXPECT(error, ((struct sockaddr_in *)&peer)->sin_addr.s_addr ==
					   ((struct sockaddr_in *)&expected)->sin_addr.s_addr);
	else if (ok)
		ok = EXPECT(error, memcmp(&((struct sockaddr_in6 *)&peer)->sin6_addr,
					  &((struct sockaddr_in6 *)&expected)->sin6_addr, 16) == 0);
	close(callee);
	close(caller);
	close(listener);
	return ok;
}

static bool both_families(struct cell *cell, void *context, struct error *error)
{
	(void)context;
	return connects(cell, CELL_SERVER_IPV4, CELL_CLIENT_IPV4, error) &&
	       (!cell_has_ipv6(cell) || connects(cell, CELL_SERVER_IPV6, CELL_CLIENT_IPV6, error));
}

static void test_connects(void)
{
	if (!skipped_without_cells())
		CU_ASSERT_TRUE(in_cell(NULL, both_families, NULL));
}

/* A route of IPv6, which nothing there could take, is left out; an address of IPv6 is known to none. */
static bool ipv4_is_alone(struct cell *cell, void *context, struct error *error)
{
	static const struct cell_route route = {CELL_CLIENT, "default6", NULL, CELL_PATH_CLIENT_IPV6, {{NULL, 0}}};
	struct sockaddr_storage address;
	socklen_t length = socket_address(CELL_SERVER_IPV6, PORT, &address);
	int caller = open_socket(cell, CELL_CLIENT, AF_INET6, SOCK_DGRAM, error);
	bool reached = caller >= 0 && connect(caller, (struct sockaddr *)&address, length) == 0;

	(void)context;
	if (caller >= 0)
		close(caller);
	return EXPECT(error, !cell_has_ipv6(cell)) && EXPECT(error, cell_set_route(cell, &route, error)) &&
	       EXPECT(error, !reached) && connects(cell, CELL_SERVER_IPV4, CELL_CLIENT_IPV4, error);
}

static void test_ipv4_alone(void)
{
	if (!skipped_without_cells())
		CU_ASSERT_TRUE(in_cell(&(struct cell_options){.ipv4_alone = true}, ipv4_is_alone, NULL));
}

static bool resolves(struct cell *cell, void *context, struct error *error)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	char text[INET6_ADDRSTRLEN] = "", line[256];
	FILE *file = fopen("/etc/resolv.conf", "re");
	bool ok = EXPECT(error, getaddrinfo(CELL_SERVER_NAME, NULL, &hints, &found) == 0) &&
		  EXPECT(error, getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text), NULL, 0,
					    NI_NUMERICHOST) == 0) &&
		  EXPECT(error, strcmp(text, context) == 0 && found->ai_next == NULL) &&
		  EXPECT(error, gethostname(text, sizeof(text)) == 0 && strcmp(text, "client") == 0);

	(void)cell;
	while (file && fgets(line, sizeof(line), file))
		ok = ok && EXPECT(error, strncmp(line, "nameserver", 10) != 0);
	if (file)
		fclose(file);
	if (found)
		freeaddrinfo(found);
	return ok;
}

static size_t read_whole(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(text, 1, size - 1, file) : 0;

	if (file)
		fclose(file);
	text[length] = '\0';
	return length;
}

static void test_resolves(void)
{
	static char ipv4[] = CELL_SERVER_IPV4, ipv6[] = CELL_SERVER_IPV6, before[65536], after[65536];

	if (skipped_without_cells())
		return;
	read_whole("/etc/hosts", before, sizeof(before));
	CU_ASSERT_TRUE(
		in_cell(&(struct cell_options){.hosts = CELL_SERVER_IPV4 " " CELL_SERVER_NAME "\n"}, resolves, ipv4));
	CU_ASSERT_TRUE(
		in_cell(&(struct cell_options){.hosts = CELL_SERVER_IPV6 " " CELL_SERVER_NAME "\n"}, resolves, ipv6));
	read_whole("/etc/hosts", after, sizeof(after));
	CU_ASSERT_STRING_EQUAL(before, after);
}

static bool reads(const char *path, const char *expected, struct error *error)
{
	char text[64];

	read_whole(path, text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	return strcmp(text, expected) == 0 || error_set(error, "%s is %s, not %s", path, text, expected);
}

static unsigned mtu_of(const struct cell *cell, enum cell_interface interface, struct error *error)
{
	struct ifreq request = {0};
	int fd = open_socket(cell, cell_interface_place(interface), AF_INET, SOCK_DGRAM, error);
	int code;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", cell_interface_name(interface));
	code = ioctl(fd, SIOCGIFMTU, &request);
	close(fd);
	return code < 0 ? 0 : (unsigned)request.ifr_mtu;
}

static bool is_as_wanted(struct cell *cell, void *context, struct error *error)
{
	(void)context;
	return EXPECT(error, mtu_of(cell, CELL_CLIENT_ETH0, error) == 1500) &&
	       EXPECT(error, mtu_of(cell, CELL_PATH_CLIENT, error) == 1500) &&
	       EXPECT(error, mtu_of(cell, CELL_PATH_SERVER, error) == 1400) &&
	       EXPECT(error, mtu_of(cell, CELL_SERVER_ETH0, error) == 9000) && cell_enter(cell, CELL_CLIENT, error) &&
	       reads("/proc/sys/net/ipv4/tcp_syn_retries", "2", error) && cell_enter(cell, CELL_SERVER, error) &&
	       reads("/proc/sys/net/ipv4/tcp_syn_retries", "6", error) &&
	       reads("/proc/sys/net/ipv4/tcp_timestamps", "0", error);
}

static void test_options(void)
{
	const struct cell_setting settings[] = {{CELL_CLIENT, "net.ipv4.tcp_syn_retries", "2"},
						{CELL_SERVER, "net/ipv4/tcp_timestamps", "0"}};
	const struct cell_options options = {.settings = settings,
					     .setting_count = 2,
					     .mtu = {[CELL_PATH_SERVER] = 1400, [CELL_SERVER_ETH0] = 9000}};

	if (!skipped_without_cells())
		CU_ASSERT_TRUE(in_cell(&options, is_as_wanted, NULL));
}

static bool refuses_settings(struct cell *cell, void *context, struct error *error)
{
	static const char *const names[] = {"kernel.hostname", "net/../kernel/hostname", "net.ipv4.no_such_thing",
					    "../../etc/hosts", ""};
	struct error reason;

	(void)context;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (cell_set(cell, &(struct cell_setting){CELL_CLIENT, names[i], "x"}, &reason) ||
		    !strstr(reason.text, names[i]))
			return error_set(error, "setting \"%s\" was not refused by name", names[i]);
	return EXPECT(error, !cell_set(cell, &(struct cell_setting){CELL_CLIENT, "net.ipv4.ip_forward", "x"}, &reason));
}

static void test_refused_settings(void)
{
	if (!skipped_without_cells())
		CU_ASSERT_TRUE(in_cell(NULL, refuses_settings, NULL));
}

/* errno of a UDP datagram's fate: 0 if nothing came back. Errors come back before sendto returns or on the next
 * call. */
static int udp_fate(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char told[64];
	int code = 0;
	socklen_t length = sizeof(code);

	if (send(fd, "x", 1, 0) < 0)
		return errno;
	poll(&p, 1, 2000);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length);
	while (recv(fd, told, sizeof(told), MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		;
	return code;
}

static int udp_to(const struct cell *cell, const char *to, struct error *error)
{
	struct sockaddr_storage address;
	socklen_t length = socket_address(to, 9, &address);
	int fd = open_socket(cell, CELL_CLIENT, address.ss_family, SOCK_DGRAM, error);

	int all = 1; /* also of errors that might pass */

	if (fd >= 0 &&
	    setsockopt(fd, address.ss_family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
		       address.ss_family == AF_INET ? IP_RECVERR : IPV6_RECVERR, &all, sizeof(all)) == 0 &&
	    connect(fd, (struct sockaddr *)&address, length) == 0)
		return fd;
	error_errno(error, "connecting to %s", to);
	close(fd);
	return -1;
}

static bool obeys_routes(struct cell *cell, void *context, struct error *error)
{
	struct error reason;
	int fd;
	bool ok;

	(void)context;
	fd = udp_to(cell, "203.0.113.20", error);
	ok = EXPECT(error, fd >= 0) && EXPECT(error, udp_fate(fd) == EHOSTUNREACH);
	close(fd);
	if (!ok ||
	    !cell_set_route(cell, &(struct cell_route){.place = CELL_PATH, .to = "203.0.113.20", .type = "prohibit"},
			    error))
		return false;
	fd = udp_to(cell, "203.0.113.20", error);
	ok = EXPECT(error, fd >= 0) && EXPECT(error, udp_fate(fd) == EHOSTUNREACH);
	close(fd);
	return ok &&
	       EXPECT(error,
		      !cell_set_route(cell,
				      &(struct cell_route){.place = CELL_PATH, .to = "nowhere", .type = "blackhole"},
				      &reason)) &&
	       EXPECT(error,
		      !cell_set_route(cell, &(struct cell_route){.place = CELL_PATH, .to = "default", .type = "odd"},
				      &reason)) &&
	       EXPECT(error, !cell_set_route(cell, &(struct cell_route){.place = CELL_PATH, .to = "default"}, &reason));
}

static void test_routes(void)
{
	const struct cell_route routes[] = {
		{.place = CELL_CLIENT,
		 .to = "default",
		 .via = CELL_PATH_CLIENT_IPV4,
		 .metrics = {{"mtu", 1400}, {"rto_min", 50}}},
		{.place = CELL_PATH, .to = "203.0.113.20", .type = "unreachable"},
	};

	if (!skipped_without_cells())
		CU_ASSERT_TRUE(in_cell(&(struct cell_options){.routes = routes, .route_count = 2}, obeys_routes, NULL));
}

static bool always_answers(struct cell *cell, const char *server, struct error *error)
{
	int fd = udp_to(cell, server, error);
	bool ok = EXPECT(error, fd >= 0);

	for (int i = 0; i < 100 && ok; i++)
		ok = udp_fate(fd) == ECONNREFUSED || error_set(error, "answer %d of %s is missing", i, server);
	close(fd);
	return ok;
}

static bool icmp_is_not_limited(struct cell *cell, void *context, struct error *error)
{
	(void)context;
	return always_answers(cell, CELL_SERVER_IPV4, error) &&
	       (!cell_has_ipv6(cell) || always_answers(cell, CELL_SERVER_IPV6, error));
}

static void test_icmp(void)
{
	if (!skipped_without_cells())
		CU_ASSERT_TRUE(in_cell(NULL, icmp_is_not_limited, NULL));
}

static bool no_offload(const struct cell *cell, enum cell_interface interface, struct error *error)
{
	static const uint32_t questions[] = {ETHTOOL_GTSO, ETHTOOL_GGSO, ETHTOOL_GGRO, ETHTOOL_GTXCSUM, ETHTOOL_GSG};
	int fd = open_socket(cell, cell_interface_place(interface), AF_INET, SOCK_DGRAM, error);
	bool ok = EXPECT(error, fd >= 0);

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]) && ok; i++) {
		struct ethtool_value value = {.cmd = questions[i]};
		struct ifreq request = {.ifr_data = (void *)&value};

		snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", cell_interface_name(interface));
		ok = EXPECT(error, ioctl(fd, SIOCETHTOOL, &request) == 0) && EXPECT(error, value.data == 0);
	}
	close(fd);
	return ok;
}

static bool no_offloads(struct cell *cell, void *context, struct error *error)
{
	(void)context;
	for (enum cell_interface i = 0; i < CELL_INTERFACES; i++)
		if (!no_offload(cell, i, error))
			return false;
	return true;
}

static void test_offloads(void)
{
	if (!skipped_without_cells())
		CU_ASSERT_TRUE(in_cell(NULL, no_offloads, NULL));
}

static bool everything_once(void)
{
	static char ipv6[] = CELL_SERVER_IPV6;

	return in_cell(NULL, both_families, NULL) && in_cell(NULL, icmp_is_not_limited, NULL) &&
	       in_cell(NULL, no_offloads, NULL) && in_cell(NULL, refuses_settings, NULL) &&
	       in_cell(&(struct cell_options){.hosts = CELL_SERVER_IPV6 " " CELL_SERVER_NAME "\n"}, resolves, ipv6);
}

static bool permitted(void)
{
	struct error error;

	if (cell_permitted(&error))
		return true;
	printf("# %s\n", error.text);
	return false;
}

static void test_ordinary_user(void)
{
	if (!as_ordinary_user(permitted))
		unit_skip("ordinary users may not make user namespaces on this machine");
	else
		CU_ASSERT_TRUE(as_ordinary_user(everything_once));
}

/* In a user namespace of our own we are allowed to forbid. */
static bool is_told_what_forbids(void)
{
	static const char limit[] = "/proc/sys/user/max_net_namespaces";
	struct error error = {""};
	int pidfd, fd;
	pid_t pid;

	if (unshare(CLONE_NEWUSER) < 0)
		return false;
	fd = open(limit, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		return false;
	close(fd);
	if (cell_fork(&pid, &pidfd, 0, live_check, NULL, &error))
		return false;
	return pidfd == -1 && strstr(error.text, "user.max_net_namespaces");
}

static void test_not_permitted(void)
{
	if (!as_ordinary_user(permitted))
		unit_skip("ordinary users may not make user namespaces on this machine");
	else
		CU_ASSERT_TRUE(as_ordinary_user(is_told_what_forbids));
}

/* Every cell waits in its check until all are there: the pipe is closed when the test has heard from each. */
struct gathering {
	int arrived, go;
};

static bool gather(struct cell *cell, void *context, struct error *error)
{
	const struct gathering *g = context;
	struct pollfd p = {.fd = g->go, .events = POLLIN};

	return EXPECT(error, write(g->arrived, "x", 1) == 1) && EXPECT(error, poll(&p, 1, 60000) == 1) &&
	       both_families(cell, NULL, error);
}

static void test_many(void)
{
	enum { CELLS = 64 };
	int arrived[2], go[2], pidfds[CELLS], made = 0;
	struct error error = {""}, *said = shared_error();
	struct gathering g = {-1, -1};
	struct check check = {NULL, gather, &g, said};
	char byte;
	pid_t pid;

	if (skipped_without_cells())
		return;
	CU_ASSERT_FATAL(said && pipe2(arrived, O_CLOEXEC) == 0 && pipe2(go, O_CLOEXEC) == 0);
	g.arrived = arrived[1];
	g.go = go[0];
	while (made < CELLS && cell_fork(&pid, &pidfds[made], made, live_check, &check, &error))
		made++;
	CU_ASSERT_EQUAL(made, CELLS);
	close(arrived[1]);
	for (int i = 0; i < made; i++)
		CU_ASSERT_EQUAL(read(arrived[0], &byte, 1), 1);
	CU_ASSERT_EQUAL(write(go[1], "x", 1), 1);
	for (int i = 0; i < made; i++)
		CU_ASSERT_EQUAL(wait_for_cell(pidfds[i]), EXIT_SUCCESS);
	if (said->text[0])
		printf("# %s\n", said->text);
	close(arrived[0]);
	close(go[0]);
	close(go[1]);
	munmap(said, sizeof(*said));
}

/* What a killed maker's cells are recognised by afterwards. Every process below it holds `life`, so its other end says
 * when the last is gone; every cell has an interface whose other end is in the namespace of the test, so that one
 * disappears with the cell's namespace. */
struct witness {
	int life, home; /* home: -1 where an ordinary user may not reach it from a cell */
	int number;
	bool stays;
};

static bool leave_interface(struct cell *cell, const struct witness *witness, struct error *error)
{
	struct nl_sock *socket = cell_enter(cell, CELL_PATH, error) ? network_open(error) : NULL;
	struct rtnl_link *link = rtnl_link_veth_alloc(), *peer = rtnl_link_veth_get_peer(link);
	char name[IFNAMSIZ];
	bool ok;

	snprintf(name, sizeof(name), "w%d", witness->number);
	rtnl_link_set_name(link, "witness");
	rtnl_link_set_name(peer, name);
	rtnl_link_set_ns_fd(peer, witness->home);
	ok = EXPECT(error, socket && rtnl_link_add(socket, link, NLM_F_CREATE | NLM_F_EXCL) == 0);
	rtnl_link_put(peer);
	rtnl_link_veth_release(link);
	nl_socket_free(socket);
	return ok;
}

static bool run_something(struct cell *cell, void *context, struct error *error)
{
	static const char *const argv[] = {"sh", "-c", "sleep 1000 & sleep 1000", NULL};
	const struct witness *witness = context;
	struct process *process;

	if (witness->home >= 0 && !leave_interface(cell, witness, error))
		return false;
	process =
		process_start(cell, CELL_CLIENT, &(struct process_command){.argv = argv, .keep = witness->life}, error);
	if (!process)
		return false;
	while (witness->stays)
		pause();
	process_free(process);
	return true;
}

/* The maker: every second cell ends by itself, so that making, running and removing happen all the time. */
static void __attribute__((noreturn)) make_cells(struct witness witness)
{
	struct error error;
	int pidfd;
	pid_t pid;

	for (;; witness.number++) {
		struct check check = {NULL, run_something, &witness, &error};

		witness.stays = witness.number % 2 == 0;
		if (!cell_fork(&pid, &pidfd, 0, live_check, &check, &error))
			_exit(EXIT_FAILURE);
		if (!witness.stays && wait_for_cell(pidfd) != EXIT_SUCCESS)
			_exit(EXIT_FAILURE);
	}
}

static bool only_loopback_is_left(struct nl_sock *monitor)
{
	struct pollfd p = {.fd = nl_socket_get_fd(monitor), .events = POLLIN};

	for (int events = 0; events < 10000; events++) {
		struct if_nameindex *list = if_nameindex();
		bool alone = list && list[0].if_index && !list[1].if_index;

		if_freenameindex(list);
		if (alone)
			return true;
		if (poll(&p, 1, 20000) != 1)
			return false;
		nl_recvmsgs_default(monitor);
	}
	return false;
}

/* Mounts over the files that cells replace, as this process sees them. */
static unsigned count_mounts(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[4096];
	unsigned count = 0;

	while (file && fgets(line, sizeof(line), file))
		if (strstr(line, " /etc/hosts ") || strstr(line, " /etc/resolv.conf ") || strstr(line, " /tmp "))
			count++;
	if (file)
		fclose(file);
	return count;
}

/* Kills a maker after it worked for some milliseconds: the only use of time here is to choose different moments. */
static bool kill_maker(int after, int home, struct nl_sock *monitor)
{
	int life[2];
	struct pollfd p = {.events = POLLIN};
	unsigned mounts = count_mounts();
	siginfo_t end = {0};
	pid_t maker;
	bool ok;

	if (pipe2(life, O_CLOEXEC) < 0)
		return false;
	maker = fork();
	if (maker == 0) {
		close(life[0]);
		make_cells((struct witness){.life = life[1], .home = home});
	}
	close(life[1]);
	p.fd = life[0];
	ok = poll(&p, 1, after) == 0; /* else nothing lived for so long: the maker failed */
	kill(maker, SIGKILL);
	waitid(P_PID, (id_t)maker, &end, WEXITED);
	ok = ok && end.si_code == CLD_KILLED;
	ok = ok && poll(&p, 1, 20000) == 1 && (p.revents & POLLHUP);
	close(life[0]);
	return ok && (!monitor || only_loopback_is_left(monitor)) && count_mounts() == mounts;
}

/* Only root's cells can reach a namespace outside to leave an interface there. */
static bool nothing_survives(void)
{
	struct nl_sock *monitor = NULL;
	struct error error;
	bool ok = true;
	int home = -1;

	if (geteuid() == 0) {
		ok = unshare(CLONE_NEWNET) == 0;
		home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		monitor = network_open_monitor(&error);
		ok = ok && home >= 0 && monitor;
	}
	for (int after = 0; after <= 24 && ok; after++) {
		ok = kill_maker(after, home, monitor);
		if (!ok)
			printf("# killed after %d ms: something was left behind\n", after);
	}
	nl_socket_free(monitor);
	return ok;
}

static void test_killed(void)
{
	int status = -1;
	pid_t pid;

	if (skipped_without_cells())
		return;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		bool ok = nothing_survives();

		fflush(stdout);
		_exit(ok ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
}

const struct unit_test unit_tests[] = {
	{"client and server connect at once, IPv4 and IPv6", test_connects},
	{"names come from the cell's own files, and the machine's stay as they are", test_resolves},
	{"a cell with IPv4 alone has nothing of IPv6", test_ipv4_alone},
	{"settings and MTU are those of the options", test_options},
	{"settings that are not a network namespace's are refused by name", test_refused_settings},
	{"routes are those of the options, and bad ones are refused", test_routes},
	{"ICMP errors are not limited", test_icmp},
	{"no interface offloads anything", test_offloads},
	{"an ordinary user gets the same cell", test_ordinary_user},
	{"where namespaces are not permitted, the error says what to do", test_not_permitted},
	{"64 cells at once do not disturb each other", test_many},
	{"kill -9 of the maker at any moment leaves no process, namespace, mount or interface", test_killed},
	{NULL, NULL},
};
