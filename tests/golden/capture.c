/* capture.c: captures read with libpcap and held in memory. */
#include "capture.h"

#include <fts.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/"

void *need(void *memory)
{
	if (!memory) {
		puts("Bail out! out of memory");
		exit(EXIT_FAILURE);
	}
	return memory;
}

struct frame *capture_add(struct capture *c, int64_t time_ns, const uint8_t *bytes, size_t n)
{
	struct frame *f;

	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 16;
		c->frames = need(realloc(c->frames, c->room * sizeof(*c->frames)));
	}
	f = &c->frames[c->count++];
	*f = (struct frame){.time_ns = time_ns, .captured = (uint32_t)n, .wire = (uint32_t)n};
	f->bytes = need(malloc(n ? n : 1));
	memcpy(f->bytes, bytes, n);
	return f;
}

struct frame *capture_copy(struct capture *c, const struct frame *f)
{
	struct frame *copy = capture_add(c, f->time_ns, f->bytes, f->captured);

	copy->wire = f->wire;
	return copy;
}

void capture_drop(struct capture *c, size_t frame)
{
	free(c->frames[frame].bytes);
	c->count--;
	memmove(&c->frames[frame], &c->frames[frame + 1], (c->count - frame) * sizeof(*c->frames));
}

void capture_free(struct capture *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->frames[i].bytes);
	free(c->frames);
	free(c->name);
	*c = (struct capture){0};
}

struct capture capture_like(const struct capture *c)
{
	struct capture like = {.name = need(strdup(c->name)), .linktype = c->linktype};

	memcpy(like.client, c->client, sizeof(like.client));
	return like;
}

void capture_copy_part(struct capture *c, const struct capture *from, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		capture_copy(c, &from->frames[i]);
}

/* Every capture of the lab has the client's SYN before anything of the server's. */
static void find_client(struct capture *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const uint8_t *ip = c->frames[i].bytes + IP_AT;
		struct parts p = parts_of(c, &c->frames[i]);

		if (!p.tcp || (p.flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
			continue;
		memcpy(c->client, ip + (p.v6 ? 8 : 12), p.v6 ? 16 : 4);
		return;
	}
	printf("Bail out! %s: no SYN\n", c->name);
	exit(EXIT_FAILURE);
}

static struct capture load(const char *path, const char *name)
{
	struct capture c = {.name = need(strdup(name))};
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	struct pcap_pkthdr *header;
	const uint8_t *bytes;

	if (!file || pcap_datalink(file) != DLT_EN10MB) {
		printf("Bail out! %s: %s\n", path, file ? "not Ethernet" : error);
		exit(EXIT_FAILURE);
	}
	c.linktype = DLT_EN10MB;
	while (pcap_next_ex(file, &header, &bytes) == 1)
		capture_add(&c, header->ts.tv_sec * INT64_C(1000000000) + header->ts.tv_usec, bytes, header->caplen);
	pcap_close(file);
	find_client(&c);
	return c;
}

static int by_name(const void *a, const void *b)
{
	const struct capture *left = a, *right = b;

	return strcmp(left->name, right->name);
}

struct capture *captures_load(size_t *count)
{
	char top[] = GOLDEN, *const tops[] = {top, NULL}, name[256];
	FTS *tree = need(fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR, NULL));
	struct capture *all = NULL;
	size_t room = 0;
	FTSENT *entry;

	*count = 0;
	while ((entry = fts_read(tree))) {
		size_t n = entry->fts_pathlen;

		if (entry->fts_info != FTS_F || n < 6 || strcmp(entry->fts_path + n - 5, ".pcap") != 0)
			continue;
		if (*count == room) {
			room = room ? 2 * room : 64;
			all = need(realloc(all, room * sizeof(*all)));
		}
		snprintf(name, sizeof(name), "%.*s", (int)(n - 5 - strlen(GOLDEN)), entry->fts_path + strlen(GOLDEN));
		all[(*count)++] = load(entry->fts_path, name);
	}
	fts_close(tree);
	if (*count)
		qsort(all, *count, sizeof(*all), by_name);
	return all;
}
