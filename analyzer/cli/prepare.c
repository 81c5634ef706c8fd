/* prepare.c: see prepare.h. */
#include "analyzer/cli/prepare.h"

#include "analyzer/cli/client_log_file.h"
#include "analyzer/cli/confine.h"
#include "analyzer/cli/live_source.h"

#include <errno.h>
#include <string.h>

bool prepare_identity(struct analysis *a, struct identity *who)
{
	char error[256];

	if (privilege_find(a->options->user, who, error, sizeof(error)))
		return true;
	analysis_trouble(a, a->options->user ? a->options->user : "privileges", error);
	return false;
}

bool prepare_privilege(struct analysis *a)
{
	struct identity who;
	char error[256];
	bool dropped;

	if (!prepare_identity(a, &who))
		return false;
	dropped = privilege_drop(&who, error, sizeof(error));
	if (!dropped)
		analysis_trouble(a, "privileges", error);
	privilege_free(&who);
	return dropped;
}

struct source *prepare_interface(struct analysis *a, const char *filter, bool promiscuous)
{
	const struct live_settings settings = {
		.interface = a->options->interface,
		.filter = filter,
		.snaplen = a->options->snaplen,
		.promiscuous = promiscuous && !a->options->not_promiscuous,
	};
	char error[1024];
	struct source *source = live_source_open(&settings, error, sizeof(error));

	if (!source)
		analysis_trouble(a, a->options->interface, error);
	return source;
}

static bool refuses(const struct save *save, const struct inputs *in)
{
	for (size_t i = 0; i < in->count; i++) {
		if (save_refuses(save, in->list[i].fd))
			return true;
	}
	return false;
}

bool prepare_save(struct analysis *a, const struct inputs *captures, const struct inputs *keylogs)
{
	const struct options *o = a->options;
	char error[256];

	if (!o->save)
		return true;
	a->save = save_new(o->save, o->save_keylog, error, sizeof(error));
	if (a->save && (refuses(a->save, captures) || refuses(a->save, keylogs))) {
		snprintf(error, sizeof(error), "is read from, and would be overwritten: save to another file");
		save_free(a->save);
		a->save = NULL;
	}
	if (!a->save)
		analysis_trouble(a, o->save, error);
	return a->save;
}

bool prepare_saving(struct analysis *a, int fd)
{
	char error[256];

	if (!a->save || save_begin(a->save, fd, error, sizeof(error)))
		return true;
	analysis_trouble(a, a->options->save, error);
	return false;
}

bool prepare_confinement(struct analysis *a, int fd)
{
	int writable[1 + SAVE_WRITABLE];
	size_t count = 0;
	char error[256];

	if (a->options->filter && !a->options->interface && !pcap_library_load(&a->pcap, error, sizeof(error))) {
		analysis_trouble(a, "filter", error);
		return false;
	}
	if (fd >= 0)
		writable[count++] = fd;
	if (a->save) {
		save_writable(a->save, writable + count);
		count += SAVE_WRITABLE;
	}
	confine_prepare();
	if (!confine_supported() && !a->options->interface) {
		fprintf(stderr, "tlsdiag: this kernel has no seccomp: captures are read unconfined\n");
		return true;
	}
	if (confine(writable, count, error, sizeof(error)))
		return true;
	analysis_trouble(a, "confinement", error);
	return false;
}

bool prepare_filter(struct analysis *a)
{
	const struct options *o = a->options;
	char error[256], why[1024];

	if (!o->filter)
		return true;
	a->report->filtered = true;
	a->filter = filter_new(&a->pcap, o->filter, error, sizeof(error));
	if (a->filter)
		return true;
	snprintf(why, sizeof(why), "'%.300s': %s", o->filter, error);
	if (o->stray_file)
		snprintf(why + strlen(why), sizeof(why) - strlen(why),
			 "; if %.300s is a capture, it needs a -r of its own", o->stray_file);
	analysis_trouble(a, "filter", why);
	return false;
}

bool prepare_keylogs(struct analysis *a, struct inputs *keylogs)
{
	for (size_t i = 0; i < keylogs->count; i++) {
		char error[256];
		int fd = inputs_take(keylogs, i);

		if (fd < 0)
			snprintf(error, sizeof(error), "%s", strerror(errno));
		if (fd < 0 || !keylog_files_add_fd(&a->keylogs, fd, error, sizeof(error))) {
			analysis_trouble(a, keylogs->list[i].name, error);
			return false;
		}
	}
	return true;
}

bool prepare_client_logs(struct analysis *a, struct inputs *logs)
{
	for (size_t i = 0; i < logs->count; i++) {
		char error[256];
		int fd = inputs_take(logs, i);

		if (fd < 0)
			snprintf(error, sizeof(error), "%s", strerror(errno));
		if (fd < 0 || !client_log_read(&a->client_words, fd, error, sizeof(error))) {
			analysis_trouble(a, logs->list[i].name, error);
			return false;
		}
		a->report->client_words = &a->client_words;
	}
	if (logs->count && !a->client_words.count)
		fputs("tlsdiag: --client-log: no error text of a client that is known; tlsdiag(1) lists the clients\n",
		      stderr);
	return true;
}
