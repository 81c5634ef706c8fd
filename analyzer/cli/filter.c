/* filter.c: see filter.h. */
#include "analyzer/cli/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SNAPLEN 262144
#define PROGRAMS_MAX 16 /* link types remembered at once */

struct compiled {
	int linktype;
	struct bpf_program program; /* valid when bf_insns is set */
};

struct filter {
	const struct pcap_library *library;
	char *expression;
	struct compiled compiled[PROGRAMS_MAX];
	unsigned count; /* compiled so far; the oldest makes room */
	char error[256];
};

/* Compiles for a link type; false with f->error set. */
static bool compile(struct filter *f, int linktype, struct bpf_program *out)
{
	pcap_t *handle = f->library->open_dead(linktype, SNAPLEN);
	bool ok = false;

	if (!handle) {
		snprintf(f->error, sizeof(f->error), "%s", strerror(ENOMEM));
		return false;
	}
	ok = f->library->compile(handle, out, f->expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!ok)
		snprintf(f->error, sizeof(f->error), "%s", f->library->geterr(handle));
	f->library->close(handle);
	return ok;
}

/* Some words only suit some link types, so an expression is good when it suits one that is common. */
static bool is_valid(struct filter *f)
{
	static const int common[] = {DLT_LINUX_SLL, DLT_RAW, DLT_EN10MB};

	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++) {
		struct bpf_program program;

		if (compile(f, common[i], &program)) {
			f->library->freecode(&program);
			return true;
		}
	}
	return false;
}

struct filter *filter_new(const struct pcap_library *library, const char *expression, char *error, size_t size)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (f) {
		f->library = library;
		f->expression = strdup(expression);
	}
	if (!f || !f->expression) {
		snprintf(error, size, "%s", strerror(ENOMEM));
		goto out;
	}
	if (is_valid(f))
		return f;
	snprintf(error, size, "%s", f->error);
out:
	filter_free(f);
	return NULL;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < PROGRAMS_MAX; i++) {
		if (f->compiled[i].program.bf_insns)
			f->library->freecode(&f->compiled[i].program);
	}
	free(f->expression);
	free(f);
}

static struct compiled *find(struct filter *f, int linktype)
{
	struct compiled *c;

	for (size_t i = 0; i < PROGRAMS_MAX; i++) {
		if (f->compiled[i].program.bf_insns && f->compiled[i].linktype == linktype)
			return &f->compiled[i];
	}
	c = &f->compiled[f->count % PROGRAMS_MAX];
	if (c->program.bf_insns)
		f->library->freecode(&c->program);
	*c = (struct compiled){.linktype = linktype};
	if (!compile(f, linktype, &c->program)) {
		c->program.bf_insns = NULL;
		return NULL;
	}
	f->count++;
	return c;
}

enum filter_result filter_packet(struct filter *f, const struct source_packet *p)
{
	struct pcap_pkthdr header = {.caplen = p->packet.captured, .len = p->packet.wire};
	struct compiled *c = find(f, p->linktype);

	if (!c)
		return FILTER_FAILED;
	return f->library->offline_filter(&c->program, &header, p->packet.bytes) ? FILTER_PASSES : FILTER_DROPS;
}

const char *filter_error(const struct filter *f)
{
	return f->error;
}
