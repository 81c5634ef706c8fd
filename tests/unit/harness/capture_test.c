/* capture_test.c: both ends record a conversation from its first SYN to its last ACK or reset, and nothing else:
 * correct checksums, no packet larger than the MTU, no marker, no noise; whatever rules or links do to the path. */
#include "in_cell.h"

#include "harness/capture.h"
#include "harness/firewall.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <pcap/pcap.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define PORT 443
#define MAX_PACKETS 8192 /* 3 MiB and an acknowledgment for each segment */

struct packet {
	uint16_t length; /* of the IP packet */
	uint8_t flags; /* TCP; 0 if it is none */
	bool from_client;
};

struct recorded {
	size_t count;
	struct packet packets[MAX_PACKETS];
};

static char folder[] = "/tmp/capture_test.XXXXXX";
static char path[CAPTURE_ENDS][64];
static const char *const paths[CAPTURE_ENDS] = {path[0], path[1]};
static struct recorded recorded[CAPTURE_ENDS];

static bool make_folder(void)
{
	bool ok = strstr(folder, "XXXXXX") == NULL || (mkdtemp(folder) != NULL && chmod(folder, 0777) == 0);

	snprintf(path[CAPTURE_CLIENT], sizeof(path[0]), "%s/client.pcap", folder);
	snprintf(path[CAPTURE_SERVER], sizeof(path[0]), "%s/server.pcap", folder);
	return ok;
}

static void remove_files(void)
{
	unlink(path[CAPTURE_CLIENT]);
	unlink(path[CAPTURE_SERVER]);
}

static uint32_t sum16(const unsigned char *bytes, size_t length, uint32_t sum)
{
	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return length % 2 ? sum + ((uint32_t)bytes[length - 1] << 8) : sum;
}

/* RFC 1071: over correct data the folded sum is all ones. */
static bool sums_up(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* addresses: source and destination, side by side in both IP versions. */
static bool transport_is_right(const unsigned char *addresses, size_t size, uint8_t protocol,
			       const unsigned char *payload, size_t length)
{
	return sums_up(sum16(payload, length, sum16(addresses, size, protocol + (uint32_t)length)));
}

static bool read_ipv4(const unsigned char *at, size_t length, struct packet *out, struct error *error)
{
	struct ip ip; /* frames are not aligned */
	size_t header;

	memcpy(&ip, at, sizeof(ip));
	header = ip.ip_hl * 4U;
	out->length = ntohs(ip.ip_len);
	out->from_client = ip.ip_src.s_addr == inet_addr(CELL_CLIENT_IPV4);
	if (!EXPECT(error, out->length <= length && header >= sizeof(ip)) ||
	    !EXPECT(error, sums_up(sum16(at, header, 0))))
		return false;
	if (ip.ip_p != IPPROTO_TCP)
		return true;
	out->flags = at[header + 13];
	return EXPECT(error, transport_is_right(at + 12, 8, IPPROTO_TCP, at + header, out->length - header));
}

static bool read_ipv6(const unsigned char *at, size_t length, struct packet *out, struct error *error)
{
	const size_t header = sizeof(struct ip6_hdr);
	struct ip6_hdr ip;
	struct in6_addr client;
	size_t payload;

	if (!EXPECT(error, length >= header))
		return false;
	memcpy(&ip, at, header);
	payload = ntohs(ip.ip6_plen);
	inet_pton(AF_INET6, CELL_CLIENT_IPV6, &client);
	out->length = (uint16_t)(header + payload);
	out->from_client = memcmp(&ip.ip6_src, &client, sizeof(client)) == 0;
	if (!EXPECT(error, out->length <= length) ||
	    !EXPECT(error, ip.ip6_nxt == IPPROTO_TCP || ip.ip6_nxt == IPPROTO_ICMPV6) ||
	    !EXPECT(error, transport_is_right(at + 8, 32, ip.ip6_nxt, at + header, payload)))
		return false;
	if (ip.ip6_nxt == IPPROTO_TCP)
		out->flags = at[header + 13];
	else /* errors only: neither neighbour discovery nor multicast listeners (RFC 4443 section 2.1) */
		return EXPECT(error, at[header] < 128);
	return true;
}

static bool read_frame(const unsigned char *frame, size_t length, struct packet *out, struct error *error)
{
	struct ether_header header;

	*out = (struct packet){0};
	if (!EXPECT(error, length >= sizeof(header) + sizeof(struct ip)))
		return false;
	memcpy(&header, frame, sizeof(header));
	switch (ntohs(header.ether_type)) {
	case ETHERTYPE_IP:
		return read_ipv4(frame + sizeof(header), length - sizeof(header), out, error);
	case ETHERTYPE_IPV6:
		return read_ipv6(frame + sizeof(header), length - sizeof(header), out, error);
	default:
		return error_set(error, "a frame of type %04x", ntohs(header.ether_type));
	}
}

static bool read_capture(enum capture_end end, struct error *error)
{
	struct recorded *r = &recorded[end];
	char reason[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(paths[end], PCAP_TSTAMP_PRECISION_NANO, reason);
	struct pcap_pkthdr *header;
	const unsigned char *frame;
	bool ok = EXPECT(error, pcap != NULL) && EXPECT(error, pcap_datalink(pcap) == DLT_EN10MB);

	r->count = 0;
	while (ok && pcap_next_ex(pcap, &header, &frame) == 1 && r->count < MAX_PACKETS)
		ok = EXPECT(error, header->caplen == header->len) && EXPECT(error, header->len <= 1500 + 14) &&
		     read_frame(frame, header->caplen, &r->packets[r->count++], error);
	if (pcap)
		pcap_close(pcap);
	return ok;
}

/* ---- conversations, held by the checks themselves ---- */

struct pair {
	int client, server;
};

static void set_address(bool ipv6, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (ipv6) {
		struct sockaddr_in6 *a = (struct sockaddr_in6 *)out;

		a->sin6_family = AF_INET6;
		a->sin6_port = htons(PORT);
		inet_pton(AF_INET6, CELL_SERVER_IPV6, &a->sin6_addr);
	} else {
		struct sockaddr_in *a = (struct sockaddr_in *)out;

		a->sin_family = AF_INET;
		a->sin_port = htons(PORT);
		a->sin_addr.s_addr = inet_addr(CELL_SERVER_IPV4);
	}
}

static int open_at(const struct cell *cell, enum cell_place place, bool ipv6, struct error *error)
{
	int fd = cell_enter(cell, place, error) ? socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;

	if (fd < 0)
		error_errno(error, "socket");
	return fd;
}

static bool open_pair(const struct cell *cell, bool ipv6, struct pair *pair, struct error *error)
{
	struct sockaddr_storage address;
	int listener = open_at(cell, CELL_SERVER, ipv6, error);
	bool ok;

	set_address(ipv6, &address);
	*pair = (struct pair){open_at(cell, CELL_CLIENT, ipv6, error), -1};
	ok = EXPECT(error, bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0) &&
	     EXPECT(error, listen(listener, 1) == 0) &&
	     EXPECT(error, connect(pair->client, (struct sockaddr *)&address, sizeof(address)) == 0) &&
	     EXPECT(error, (pair->server = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0);
	close(listener);
	return ok;
}

static bool say(int from, int to, const char *words, struct error *error)
{
	char heard[64];
	size_t length = strlen(words);

	return EXPECT(error, write(from, words, length) == (ssize_t)length) &&
	       EXPECT(error, read(to, heard, sizeof(heard)) == (ssize_t)length);
}

static void set_abortive(int fd)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static unsigned count_flag(const struct recorded *r, uint8_t flag)
{
	unsigned count = 0;

	for (size_t i = 0; i < r->count; i++)
		count += (r->packets[i].flags & flag) != 0;
	return count;
}

/* From the first SYN to the acknowledgement of the second FIN, without anything before or after. */
static bool is_whole(const struct recorded *r, struct error *error)
{
	const struct packet *p = r->packets;

	return EXPECT(error, r->count >= 8) && EXPECT(error, p[0].flags == TH_SYN && p[0].from_client) &&
	       EXPECT(error, p[1].flags == (TH_SYN | TH_ACK) && !p[1].from_client) &&
	       EXPECT(error, p[2].flags == TH_ACK && p[2].from_client) && EXPECT(error, count_flag(r, TH_SYN) == 2) &&
	       EXPECT(error, count_flag(r, TH_FIN) == 2) && EXPECT(error, count_flag(r, TH_RST) == 0) &&
	       EXPECT(error, p[r->count - 1].flags == TH_ACK);
}

static bool converse(struct cell *cell, bool ipv6, struct error *error)
{
	struct capture *capture;
	struct pair pair;
	bool ok;

	remove_files();
	capture = capture_start(cell, paths, 0, error);
	if (!capture)
		return false;
	ok = open_pair(cell, ipv6, &pair, error) && say(pair.client, pair.server, "question", error) &&
	     say(pair.server, pair.client, "answer", error);
	close(pair.client);
	close(pair.server);
	ok = ok && capture_finish(capture, error) && read_capture(CAPTURE_CLIENT, error) &&
	     read_capture(CAPTURE_SERVER, error) && is_whole(&recorded[CAPTURE_CLIENT], error) &&
	     is_whole(&recorded[CAPTURE_SERVER], error) &&
	     EXPECT(error, recorded[CAPTURE_CLIENT].count == recorded[CAPTURE_SERVER].count) &&
	     EXPECT(error, capture_counts(capture, CAPTURE_CLIENT).packets == recorded[CAPTURE_CLIENT].count) &&
	     EXPECT(error, capture_counts(capture, CAPTURE_SERVER).packets == recorded[CAPTURE_SERVER].count) &&
	     EXPECT(error, capture_counts(capture, CAPTURE_SERVER).dropped == 0);
	capture_free(capture);
	return ok;
}

static bool converse_often(struct cell *cell, void *context, struct error *error)
{
	(void)context;
	for (int i = 0; i < 10; i++)
		if (!converse(cell, false, error) || (cell_has_ipv6(cell) && !converse(cell, true, error)))
			return false;
	return true;
}

static void run(bool (*check)(struct cell *cell, void *context, struct error *error), void *context)
{
	if (skipped_without_cells())
		return;
	CU_ASSERT_TRUE_FATAL(make_folder());
	remove_files();
	CU_ASSERT_TRUE(in_cell(NULL, check, context));
	remove_files();
}

static void test_whole(void)
{
	run(converse_often, NULL);
}

/* Records what `act` does with a fresh pair of sockets, both of which it closes. */
static bool record(struct cell *cell, bool (*act)(struct capture *capture, struct pair *pair, struct error *error),
		   struct error *error)
{
	struct capture *capture = capture_start(cell, paths, 0, error);
	struct pair pair;
	bool ok = capture && open_pair(cell, false, &pair, error) && act(capture, &pair, error) &&
		  capture_finish(capture, error) && read_capture(CAPTURE_CLIENT, error) &&
		  read_capture(CAPTURE_SERVER, error);

	capture_free(capture);
	return ok;
}

static bool abort_it(struct capture *capture, struct pair *pair, struct error *error)
{
	(void)capture;
	set_abortive(pair->server);
	close(pair->server);
	close(pair->client);
	(void)error;
	return true;
}

static bool ends_in_reset(struct cell *cell, void *context, struct error *error)
{
	(void)context;
	if (!record(cell, abort_it, error))
		return false;
	for (enum capture_end i = 0; i < CAPTURE_ENDS; i++) {
		const struct recorded *r = &recorded[i];

		if (!EXPECT(error, r->count == 4) || !EXPECT(error, r->packets[3].flags & TH_RST) ||
		    !EXPECT(error, !r->packets[3].from_client))
			return false;
	}
	return true;
}

static void test_reset(void)
{
	run(ends_in_reset, NULL);
}

static bool refused(struct cell *cell, void *context, struct error *error)
{
	struct capture *capture = capture_start(cell, paths, 0, error);
	struct sockaddr_storage address;
	int fd = open_at(cell, CELL_CLIENT, false, error);
	bool ok;

	(void)context;
	set_address(false, &address);
	ok = capture && EXPECT(error, connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) &&
	     EXPECT(error, errno == ECONNREFUSED) && capture_finish(capture, error) &&
	     read_capture(CAPTURE_CLIENT, error) && EXPECT(error, recorded[CAPTURE_CLIENT].count == 2) &&
	     EXPECT(error, recorded[CAPTURE_CLIENT].packets[1].flags == (TH_RST | TH_ACK));
	close(fd);
	capture_free(capture);
	return ok;
}

static void test_refused(void)
{
	run(refused, NULL);
}

/* A mebibyte, while the buffers are emptied by the watches: more than they hold. */
static bool send_much(struct capture *capture, struct pair *pair, struct error *error)
{
	enum { TOTAL = 3 << 20 };
	static char bytes[32768];
	struct process_watch watches[CAPTURE_ENDS];
	size_t sent = 0, received = 0;

	capture_watches(capture, watches);
	fcntl(pair->client, F_SETFL, O_NONBLOCK);
	fcntl(pair->server, F_SETFL, O_NONBLOCK);
	while (received < TOTAL) {
		ssize_t n = sent < TOTAL ? write(pair->server, bytes, sizeof(bytes)) : 0;

		sent += n > 0 ? (size_t)n : 0;
		n = read(pair->client, bytes, sizeof(bytes));
		received += n > 0 ? (size_t)n : 0;
		for (enum capture_end i = 0; i < CAPTURE_ENDS; i++)
			if (!EXPECT(error, watches[i].ready(watches[i].context)))
				return false;
	}
	close(pair->server);
	close(pair->client);
	return EXPECT(error, received == sent);
}

static bool carries_much(struct cell *cell, void *context, struct error *error)
{
	size_t full = 0;

	(void)context;
	if (!record(cell, send_much, error))
		return false;
	for (size_t i = 0; i < recorded[CAPTURE_CLIENT].count; i++)
		full += recorded[CAPTURE_CLIENT].packets[i].length == 1500;
	return EXPECT(error, full > 1000) && EXPECT(error, count_flag(&recorded[CAPTURE_CLIENT], TH_FIN) == 2);
}

static void test_much(void)
{
	run(carries_much, NULL);
}

static bool has_mode(const char *file, mode_t mode)
{
	struct stat status;

	return stat(file, &status) == 0 && (status.st_mode & 0777) == mode;
}

static bool files_are_safe(struct cell *cell, void *context, struct error *error)
{
	struct capture *capture;
	struct error reason = {""};
	bool ok;

	(void)context;
	umask(0);
	capture = capture_start(cell, paths, 0, error);
	ok = capture && EXPECT(error, has_mode(paths[0], 0600) && has_mode(paths[1], 0600)) &&
	     EXPECT(error, capture_start(cell, paths, 0, &reason) == NULL) &&
	     EXPECT(error, strstr(reason.text, paths[0]) != NULL) && capture_finish(capture, error) &&
	     read_capture(CAPTURE_CLIENT, error) && EXPECT(error, recorded[CAPTURE_CLIENT].count == 0);
	capture_free(capture);
	unlink(paths[0]); /* the server's is still there: nothing may be left of the client's */
	return ok && EXPECT(error, capture_start(cell, paths, 0, &reason) == NULL) &&
	       EXPECT(error, strstr(reason.text, paths[1]) != NULL) && EXPECT(error, access(paths[0], F_OK) < 0) &&
	       EXPECT(error, access(paths[1], F_OK) == 0);
}

static void test_files(void)
{
	run(files_are_safe, NULL);
}

static bool switch_off(const struct cell *cell, enum cell_interface interface, struct error *error)
{
	struct ifreq request = {0};
	int fd = open_at(cell, cell_interface_place(interface), false, error);
	bool ok;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", cell_interface_name(interface));
	ok = ioctl(fd, SIOCGIFFLAGS, &request) == 0;
	request.ifr_flags = (short)(request.ifr_flags & ~IFF_UP);
	ok = ok && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	close(fd);
	return EXPECT(error, ok);
}

static bool finishes_without_link(struct cell *cell, void *context, struct error *error)
{
	const enum cell_interface *interface = context;
	struct capture *capture = capture_start(cell, paths, 0, error);
	bool ok = capture && switch_off(cell, *interface, error) && capture_finish(capture, error);

	capture_free(capture);
	return ok;
}

static void test_without_links(void)
{
	for (enum cell_interface i = 0; i < CELL_INTERFACES; i++)
		run(finishes_without_link, &i);
}

static bool finishes_behind_rules(struct cell *cell, void *context, struct error *error)
{
	static const char path_rules[] =
		"table netdev wall {\n"
		"	chain one { type filter hook ingress device \"client\" priority 0; policy drop; }\n"
		"	chain two { type filter hook ingress device \"server\" priority 0; policy drop; }\n"
		"}\n";
	static const char end_rules[] =
		"table netdev wall {\n"
		"	chain one { type filter hook ingress device \"eth0\" priority 0; policy drop; }\n"
		"}\n";
	struct capture *capture;
	bool ok;

	(void)context;
	capture = capture_start(cell, paths, 0, error);
	ok = capture && firewall_apply(cell, CELL_PATH, path_rules, error) &&
	     firewall_apply(cell, CELL_CLIENT, end_rules, error) &&
	     firewall_apply(cell, CELL_SERVER, end_rules, error) && capture_finish(capture, error);
	capture_free(capture);
	return ok;
}

static bool knows_netdev_rules(struct cell *cell, void *context, struct error *error)
{
	(void)context;
	return firewall_apply(cell, CELL_PATH, "table netdev probe {\n}\n", error);
}

static void test_behind_rules(void)
{
	static struct error error;

	if (!firewall_available(&error))
		unit_skip(error.text);
	else if (!skipped_without_cells() && !in_cell(NULL, knows_netdev_rules, NULL))
		unit_skip("this kernel has no nftables rules of the family netdev");
	else
		run(finishes_behind_rules, NULL);
}

static bool all_as_user(void)
{
	return in_cell(NULL, converse_often, NULL);
}

static bool permitted(void)
{
	struct error error;

	return cell_permitted(&error);
}

static void test_ordinary_user(void)
{
	if (!as_ordinary_user(permitted)) {
		unit_skip("ordinary users may not make user namespaces on this machine");
		return;
	}
	CU_ASSERT_TRUE_FATAL(make_folder());
	remove_files();
	CU_ASSERT_TRUE(as_ordinary_user(all_as_user));
	remove_files();
	rmdir(folder);
}

const struct unit_test unit_tests[] = {
	{"both ends record all from SYN to the last ACK, ten times, and nothing else", test_whole},
	{"a reset is recorded", test_reset},
	{"a refused connection is two packets", test_refused},
	{"much data is recorded in packets that fit the MTU", test_much},
	{"files are their owner's alone, new, and removed on failure", test_files},
	{"a capture ends though links are down", test_without_links},
	{"a capture ends though rules drop everything", test_behind_rules},
	{"an ordinary user records the same", test_ordinary_user},
	{NULL, NULL},
};
