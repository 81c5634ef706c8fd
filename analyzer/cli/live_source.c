/* live_source.c: see live_source.h. */
#include "analyzer/cli/live_source.h"

#include "analyzer/cli/pcap_library.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES (32 << 20) /* of the kernel's ring */
#define BLOCK_MS 10 /* age at which the kernel hands over a block that is not full */

struct live_source {
	struct source source;
	struct pcap_library library;
	pcap_t *pcap;
	const char *interface; /* as it was named */
	int linktype, wait_ms;
};

/* ---- Opening ---- */

/* Where this program lies, for a command line that can be copied. */
static const char *own_path(char *buffer, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buffer, size - 1);

	if (n <= 0)
		return "tlsdiag";
	buffer[n] = '\0';
	return buffer;
}

static void explain(const struct live_source *live, int status, char *error, size_t size)
{
	const char *said = live->library.geterr(live->pcap);
	char path[512];

	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
		snprintf(error, size,
			 "capturing needs the right to do so. Run it with sudo (root is given up once the capture is "
			 "open), or give the right to this program, once:\n    sudo setcap cap_net_raw+ep %s",
			 own_path(path, sizeof(path)));
		break;
	case PCAP_ERROR_NO_SUCH_DEVICE:
		snprintf(error, size, "no such interface; tlsdiag -D lists them, and 'any' stands for all");
		break;
	case PCAP_ERROR_IFACE_NOT_UP:
		snprintf(error, size, "the interface is not up");
		break;
	default:
		snprintf(error, size, "%s", *said ? said : live->library.statustostr(status));
		break;
	}
}

/* SLL2 names the interface of each packet; only "any" has it. */
static void prefer_sll2(const struct live_source *live)
{
	if (live->library.datalink(live->pcap) == DLT_LINUX_SLL &&
	    live->library.set_datalink(live->pcap, DLT_LINUX_SLL2) != 0)
		return; /* an older libpcap */
}

static bool set_filter(const struct live_source *live, const char *expression, char *error, size_t size)
{
	const struct pcap_library *l = &live->library;
	struct bpf_program program;
	int status;

	if (!expression)
		return true;
	if (l->compile(live->pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		snprintf(error, size, "filter: '%.300s': %s", expression, l->geterr(live->pcap));
		return false;
	}
	status = l->setfilter(live->pcap, &program);
	l->freecode(&program);
	if (status != 0)
		snprintf(error, size, "filter: '%.300s': %s", expression, l->geterr(live->pcap));
	return status == 0;
}

static bool activate(struct live_source *live, const struct live_settings *settings, char *error, size_t size)
{
	const struct pcap_library *l = &live->library;
	char message[PCAP_ERRBUF_SIZE] = "";
	int status;

	l->set_snaplen(live->pcap, settings->snaplen);
	l->set_promisc(live->pcap, settings->promiscuous && strcmp(settings->interface, "any") != 0);
	l->set_timeout(live->pcap, BLOCK_MS);
	l->set_buffer_size(live->pcap, BUFFER_BYTES);
	l->set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO); /* where it cannot, it stays microseconds */
	status = l->activate(live->pcap);
	if (status < 0) {
		explain(live, status, error, size);
		return false;
	}
	prefer_sll2(live);
	if (!set_filter(live, settings->filter, error, size))
		return false;
	status = l->setnonblock(live->pcap, 1, message);
	if (status != 0)
		snprintf(error, size, "%s", message);
	return status == 0;
}

/* ---- Packets ---- */

static enum source_result give(struct live_source *live, const struct pcap_pkthdr *header, const uint8_t *bytes,
			       struct source_packet *out)
{
	bool nanoseconds = live->library.get_tstamp_precision(live->pcap) == PCAP_TSTAMP_PRECISION_NANO;

	out->linktype = live->linktype;
	out->interface = live->interface;
	out->packet = (struct tlsdiag_packet){
		.frame = ++live->source.frames,
		.time_ns = header->ts.tv_sec * INT64_C(1000000000) +
			   (int64_t)header->ts.tv_usec * (nanoseconds ? 1 : 1000),
		.bytes = bytes,
		.captured = header->caplen,
		.wire = header->len > header->caplen ? header->len : header->caplen,
	};
	return SOURCE_PACKET;
}

static void count_drops(struct live_source *live)
{
	struct pcap_stat stat;

	if (live->library.stats(live->pcap, &stat) == 0)
		live->source.dropped = (uint64_t)stat.ps_drop + stat.ps_ifdrop;
}

static enum source_result live_next(struct source *source, struct source_packet *out)
{
	struct live_source *live = (struct live_source *)source;
	struct pollfd readable = {.fd = live_source_fd(source), .events = POLLIN};
	struct pcap_pkthdr *header;
	const uint8_t *bytes;

	for (int tries = 0; tries < 2; tries++) {
		int status = live->library.next_ex(live->pcap, &header, &bytes);

		if (status == 1)
			return give(live, header, bytes, out);
		if (status != 0) {
			snprintf(source->error, sizeof(source->error), "%s", live->library.geterr(live->pcap));
			count_drops(live);
			return SOURCE_FAILED;
		}
		if (tries == 0 && (!live->wait_ms || poll(&readable, 1, live->wait_ms) <= 0))
			break;
	}
	count_drops(live);
	return SOURCE_IDLE;
}

static void live_close(struct source *source)
{
	struct live_source *live = (struct live_source *)source;

	live->library.close(live->pcap);
	free(live);
}

struct source *live_source_open(const struct live_settings *settings, char *error, size_t size)
{
	static const struct source_ops ops = {.next = live_next, .close = live_close};
	char message[PCAP_ERRBUF_SIZE] = "";
	struct live_source *live = calloc(1, sizeof(*live));

	if (!live) {
		snprintf(error, size, "%s", strerror(ENOMEM));
		return NULL;
	}
	if (!pcap_library_load(&live->library, error, size)) {
		free(live);
		return NULL;
	}
	live->pcap = live->library.create(settings->interface, message);
	if (!live->pcap) {
		snprintf(error, size, "%s", message);
		free(live);
		return NULL;
	}
	live->source.ops = &ops;
	live->interface = settings->interface;
	live->source.prompt = true;
	if (!activate(live, settings, error, size)) {
		live_close(&live->source);
		return NULL;
	}
	live->linktype = live->library.datalink(live->pcap);
	return &live->source;
}

void live_source_wait(struct source *source, int milliseconds)
{
	((struct live_source *)source)->wait_ms = milliseconds;
}

int live_source_fd(const struct source *source)
{
	const struct live_source *live = (const struct live_source *)source;

	return live->library.get_selectable_fd(live->pcap);
}

int live_source_linktype(const struct source *source)
{
	return ((const struct live_source *)source)->linktype;
}

const char *live_source_linktype_name(const struct source *source)
{
	const struct live_source *live = (const struct live_source *)source;

	return live->library.datalink_val_to_name(live->linktype);
}

/* ---- The list ---- */

/* "[Up, Running, Loopback]", in tcpdump's words. */
static void print_flags(FILE *out, const pcap_if_t *i)
{
	static const struct {
		bpf_u_int32 mask, value;
		const char *word;
	} words[] = {
		{PCAP_IF_UP, PCAP_IF_UP, "Up"},
		{PCAP_IF_RUNNING, PCAP_IF_RUNNING, "Running"},
		{PCAP_IF_LOOPBACK, PCAP_IF_LOOPBACK, "Loopback"},
		{PCAP_IF_WIRELESS, PCAP_IF_WIRELESS, "Wireless"},
		{PCAP_IF_CONNECTION_STATUS, PCAP_IF_CONNECTION_STATUS_CONNECTED, "Connected"},
		{PCAP_IF_CONNECTION_STATUS, PCAP_IF_CONNECTION_STATUS_DISCONNECTED, "Disconnected"},
	};
	const char *separator = " [";

	for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++) {
		if ((i->flags & words[w].mask) != words[w].value)
			continue;
		fprintf(out, "%s%s", separator, words[w].word);
		separator = ", ";
	}
	fputs(*separator == ',' ? "]\n" : " [none]\n", out);
}

bool live_source_list(FILE *out, char *error, size_t size)
{
	char message[PCAP_ERRBUF_SIZE] = "";
	struct pcap_library library;
	pcap_if_t *all;
	unsigned number = 0;

	if (!pcap_library_load(&library, error, size))
		return false;
	if (library.findalldevs(&all, message) != 0) {
		snprintf(error, size, "%s", message);
		return false;
	}
	for (const pcap_if_t *i = all; i; i = i->next) {
		fprintf(out, "%u.%s", ++number, i->name);
		if (i->description)
			fprintf(out, " (%s)", i->description);
		print_flags(out, i);
	}
	library.freealldevs(all);
	return true;
}
