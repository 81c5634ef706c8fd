/* capture.c: see capture.h.
 *
 * Theory of operation of the end. What is still under way when the programs have ended are packets that the kernels owe
 * each other: acknowledgements, FINs, resets. They wait in the receive queues of the four interfaces, each of which is
 * first in, first out. A marker frame goes through the same queues, leg by leg:
 *
 *   leg 0 client → path, leg 1 path → server, leg 2 server → path, leg 3 path → client
 *
 * When it is back, everything that was under way when it left has arrived, and what that caused has been sent. So
 * markers go round until a round brought no packet; a bounded number of rounds, since something might send for ever. A
 * link that is down carries nothing: its leg is skipped.
 *
 * Markers bypass queueing disciplines and nftables egress hooks, and are received by a tap before ingress hooks, so no
 * fault that a scenario sets up keeps them.
 */
#include "harness/capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define MARKER_TYPE 0x88b5
#define MARKER_PATIENCE 10000 /* milliseconds; a round takes less than one */
#define MAX_ROUNDS 64
#define SLOT_SIZE 2048 /* of the buffer, for a packet on a link of 1500 bytes */
#define SNAPLEN 65535

enum leg { CLIENT_TO_PATH, PATH_TO_SERVER, SERVER_TO_PATH, PATH_TO_CLIENT, LEGS };

/* The least Ethernet frame: 60 bytes. */
struct marker {
	struct ether_header header;
	unsigned char cookie[16];
	uint32_t round, leg; /* host byte order: it never leaves the machine */
	unsigned char padding[20];
};
_Static_assert(sizeof(struct marker) == ETH_ZLEN, "a marker is a whole frame");

struct end {
	pcap_t *pcap;
	pcap_dumper_t *dumper;
	const struct capture *capture;
	struct capture_counts counts;
	uint32_t seen[LEGS]; /* the last round whose marker came by */
};

struct capture {
	const struct cell *cell;
	unsigned char cookie[16];
	struct end ends[CAPTURE_ENDS];
	int path[2]; /* packet sockets towards client and server, while finishing */
};

static const enum cell_interface end_interface[CAPTURE_ENDS] = {CELL_CLIENT_ETH0, CELL_SERVER_ETH0};

/* True if the frame is a marker of this capture; leg and round are then noted. */
static bool note_marker(const struct capture *capture, const void *frame, size_t length, uint32_t seen[LEGS])
{
	struct marker marker;

	if (length < sizeof(marker))
		return false;
	memcpy(&marker, frame, sizeof(marker));
	if (marker.header.ether_type != htons(MARKER_TYPE) ||
	    memcmp(marker.cookie, capture->cookie, sizeof(marker.cookie)) != 0 || marker.leg >= LEGS)
		return false;
	seen[marker.leg] = marker.round;
	return true;
}

static void record(unsigned char *user, const struct pcap_pkthdr *header, const unsigned char *bytes)
{
	struct end *end = (struct end *)(void *)user;

	if (note_marker(end->capture, bytes, header->caplen, end->seen))
		return;
	pcap_dump((unsigned char *)end->dumper, header, bytes);
	end->counts.packets++;
}

/* Records what the kernel holds; -1 on error. */
static int drain(struct end *end)
{
	return pcap_dispatch(end->pcap, -1, record, (unsigned char *)end);
}

static bool drain_ready(void *context)
{
	return drain(context) >= 0;
}

void capture_watches(struct capture *capture, struct process_watch watches[CAPTURE_ENDS])
{
	for (enum capture_end i = 0; i < CAPTURE_ENDS; i++)
		watches[i] = (struct process_watch){.fd = pcap_get_selectable_fd(capture->ends[i].pcap),
						    .ready = drain_ready,
						    .context = &capture->ends[i]};
}

static bool open_end(struct end *end, enum cell_interface interface, unsigned packets, struct error *error)
{
	const char *name = cell_interface_name(interface);
	char reason[PCAP_ERRBUF_SIZE] = "";
	int bypass = 1, fd, code;

	end->pcap = pcap_create(name, reason);
	if (!end->pcap)
		return error_set(error, "capture at %s: %s", name, reason);
	pcap_set_snaplen(end->pcap, SNAPLEN);
	pcap_set_immediate_mode(end->pcap, 1);
	pcap_set_buffer_size(end->pcap, (int)(packets ? packets : CAPTURE_PACKETS) * SLOT_SIZE);
	pcap_set_tstamp_precision(end->pcap, PCAP_TSTAMP_PRECISION_NANO);
	code = pcap_activate(end->pcap);
	if (code < 0)
		return error_set(error, "capture at %s: %s: %s", name, pcap_statustostr(code), pcap_geterr(end->pcap));
	if (pcap_setnonblock(end->pcap, 1, reason) < 0)
		return error_set(error, "capture at %s: %s", name, reason);
	fd = pcap_fileno(end->pcap);
	if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, sizeof(bypass)) < 0)
		return error_errno(error, "capture at %s", name);
	return true;
}

static bool open_file(struct end *end, const char *path, struct error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (file)
		end->dumper = pcap_dump_fopen(end->pcap, file); /* which closes it if it fails */
	if (end->dumper)
		return true;
	error_errno(error, "%s", path);
	if (fd >= 0) {
		unlink(path);
		if (!file)
			close(fd);
	}
	return false;
}

static void close_end(struct end *end)
{
	if (end->dumper)
		pcap_dump_close(end->dumper);
	if (end->pcap)
		pcap_close(end->pcap);
	end->dumper = NULL;
	end->pcap = NULL;
}

struct capture *capture_start(const struct cell *cell, const char *const paths[CAPTURE_ENDS], unsigned packets,
			      struct error *error)
{
	struct capture *capture = calloc(1, sizeof(*capture));
	enum capture_end i = 0;

	if (!capture || getrandom(capture->cookie, sizeof(capture->cookie), 0) != sizeof(capture->cookie)) {
		error_errno(error, "capture");
		free(capture);
		return NULL;
	}
	capture->cell = cell;
	capture->path[0] = capture->path[1] = -1;
	for (i = 0; i < CAPTURE_ENDS; i++) {
		struct end *end = &capture->ends[i];

		end->capture = capture;
		if (!cell_enter(cell, cell_interface_place(end_interface[i]), error) ||
		    !open_end(end, end_interface[i], packets, error) || !open_file(end, paths[i], error))
			goto failed;
	}
	return capture;
failed:
	capture_free(capture);
	for (enum capture_end made = 0; made < i; made++)
		unlink(paths[made]);
	return NULL;
}

/* Hears of every frame of an interface in the path, before any rule sees it, and keeps the markers. */
static int open_path_socket(enum cell_interface interface)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct ether_header, ether_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MARKER_TYPE, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, sizeof(struct marker)),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = {.len = sizeof(program) / sizeof(program[0]), .filter = program};
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(cell_interface_name(interface)),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), bypass = 1;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == 0 &&
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, sizeof(bypass)) == 0 &&
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static struct marker make_marker(const struct capture *capture, uint32_t round, enum leg leg)
{
	static const enum cell_interface from[LEGS] = {CELL_CLIENT_ETH0, CELL_PATH_SERVER, CELL_SERVER_ETH0,
						       CELL_PATH_CLIENT};
	static const enum cell_interface to[LEGS] = {CELL_PATH_CLIENT, CELL_SERVER_ETH0, CELL_PATH_SERVER,
						     CELL_CLIENT_ETH0};
	struct marker marker = {.header.ether_type = htons(MARKER_TYPE), .round = round, .leg = leg};

	memcpy(marker.header.ether_shost, cell_interface_mac(from[leg]), ETH_ALEN);
	memcpy(marker.header.ether_dhost, cell_interface_mac(to[leg]), ETH_ALEN);
	memcpy(marker.cookie, capture->cookie, sizeof(marker.cookie));
	return marker;
}

/* Who sends and who receives on a leg: an end's capture, or the path's socket on the same link. */
struct stop {
	struct end *end;
	int socket;
};

static bool send_marker(const struct stop *from, const struct marker *marker)
{
	if (from->end)
		return pcap_inject(from->end->pcap, marker, sizeof(*marker)) == (int)sizeof(*marker);
	return send(from->socket, marker, sizeof(*marker), 0) == (ssize_t)sizeof(*marker);
}

static bool receive(const struct capture *capture, const struct stop *at, uint32_t seen[LEGS])
{
	unsigned char frame[sizeof(struct marker)];
	ssize_t n;

	if (at->end) {
		if (drain(at->end) < 0)
			return false;
		memcpy(seen, at->end->seen, sizeof(at->end->seen));
		return true;
	}
	while ((n = recv(at->socket, frame, sizeof(frame), 0)) > 0)
		note_marker(capture, frame, (size_t)n, seen);
	return errno == EAGAIN || errno == EINTR;
}

/* One leg of one round: sent, and waited for at the other side. */
static bool go(const struct capture *capture, enum leg leg, uint32_t round, const struct stop *from,
	       const struct stop *to, struct error *error)
{
	struct marker marker = make_marker(capture, round, leg);
	uint32_t seen[LEGS] = {0};
	struct pollfd p = {.events = POLLIN};

	if (!send_marker(from, &marker))
		return true; /* the link is down: nothing is under way on it */
	p.fd = to->end ? pcap_get_selectable_fd(to->end->pcap) : to->socket;
	for (;;) {
		int n;

		if (!receive(capture, to, seen))
			return error_set(error, "capture: reading failed");
		if (seen[leg] == round)
			return true;
		n = poll(&p, 1, MARKER_PATIENCE);
		if (n == 0)
			return error_set(error, "capture: a marker did not arrive within %d s", MARKER_PATIENCE / 1000);
		if (n < 0 && errno != EINTR)
			return error_errno(error, "capture");
	}
}

static bool go_round(struct capture *capture, uint32_t round, struct error *error)
{
	struct stop client = {&capture->ends[CAPTURE_CLIENT], -1}, server = {&capture->ends[CAPTURE_SERVER], -1};
	struct stop near_client = {NULL, capture->path[0]}, near_server = {NULL, capture->path[1]};

	return go(capture, CLIENT_TO_PATH, round, &client, &near_client, error) &&
	       go(capture, PATH_TO_SERVER, round, &near_server, &server, error) &&
	       go(capture, SERVER_TO_PATH, round, &server, &near_server, error) &&
	       go(capture, PATH_TO_CLIENT, round, &near_client, &client, error);
}

static uint64_t packets(const struct capture *capture)
{
	return capture->ends[CAPTURE_CLIENT].counts.packets + capture->ends[CAPTURE_SERVER].counts.packets;
}

static bool wait_until_quiet(struct capture *capture, struct error *error)
{
	uint64_t before;
	uint32_t round = 0;

	if (!cell_enter(capture->cell, CELL_PATH, error))
		return false;
	capture->path[0] = open_path_socket(CELL_PATH_CLIENT);
	capture->path[1] = open_path_socket(CELL_PATH_SERVER);
	if (capture->path[0] < 0 || capture->path[1] < 0)
		return error_errno(error, "capture: packet socket");
	if (drain(&capture->ends[CAPTURE_CLIENT]) < 0 || drain(&capture->ends[CAPTURE_SERVER]) < 0)
		return error_set(error, "capture: reading failed");
	do {
		before = packets(capture);
		if (!go_round(capture, ++round, error))
			return false;
	} while (packets(capture) != before && round < MAX_ROUNDS);
	return true;
}

static bool finish_end(struct end *end, enum capture_end which, struct error *error)
{
	const char *where = cell_interface_place(end_interface[which]) == CELL_CLIENT ? "client" : "server";
	struct pcap_stat kernel = {0};
	bool written;

	if (pcap_stats(end->pcap, &kernel) < 0)
		return error_set(error, "capture at the %s: %s", where, pcap_geterr(end->pcap));
	end->counts.dropped = kernel.ps_drop;
	written = pcap_dump_flush(end->dumper) == 0 && !ferror(pcap_dump_file(end->dumper));
	if (!written)
		return error_errno(error, "capture at the %s: writing the file", where);
	return end->counts.dropped == 0 || error_set(error,
						     "capture at the %s: %u packets were lost: the buffer was full; "
						     "say \"path: {capture-packets: N}\" "
						     "in the scenario",
						     where, kernel.ps_drop);
}

bool capture_finish(struct capture *capture, struct error *error)
{
	bool ok = wait_until_quiet(capture, error);

	for (enum capture_end i = 0; i < CAPTURE_ENDS; i++) {
		ok = ok && finish_end(&capture->ends[i], i, error);
		close_end(&capture->ends[i]);
	}
	return ok;
}

struct capture_counts capture_counts(const struct capture *capture, enum capture_end end)
{
	return capture->ends[end].counts;
}

void capture_free(struct capture *capture)
{
	if (!capture)
		return;
	for (enum capture_end i = 0; i < CAPTURE_ENDS; i++)
		close_end(&capture->ends[i]);
	for (int i = 0; i < 2; i++)
		if (capture->path[i] >= 0)
			close(capture->path[i]);
	free(capture);
}
