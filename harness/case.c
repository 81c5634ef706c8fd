/* case.c: runs one case, see case.h.
 *
 * The order matters: faults and server are in place, and the server has said so, before the captures start; the
 * captures run before the client can send anything; they end when client and server are through with each other.
 */
#include "harness/case.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/analyze.h"
#include "harness/capture.h"
#include "harness/cell.h"
#include "harness/firewall.h"
#include "harness/process.h"
#include "harness/proof.h"
#include "harness/record.h"
#include "harness/service.h"
#include "harness/wire.h"

enum {
	READY_MS = 10000, /* for the server to listen */
	GRACE_MS = 10000, /* beyond its patience, for a client to end by itself */
	SETTLE_MS = 5000, /* for the server to be through when the client has ended */
	CONTROL_LINE_MAX = 65536,
};

const char *case_server_address(const char *family)
{
	return strcmp(family, "ipv6") == 0 ? CELL_SERVER_IPV6 : CELL_SERVER_IPV4;
}

int case_limit_ms(const struct variant *variant)
{
	return READY_MS + variant->settings.client.patience_ms + GRACE_MS + SETTLE_MS + 2 * ANALYZE_MS + 10000;
}

const char *case_file(const char *folder, const char *name, char *buffer)
{
	snprintf(buffer, PATH_MAX, "%s/%s", folder, name);
	return buffer;
}

/* ---- The server and its control socket ---- */

struct control {
	int fd; /* ours; -1 when closed */
	json_t *events;
	char line[CONTROL_LINE_MAX];
	size_t used;
	bool ready; /* the server listens, or has said why not, or is gone */
	bool complete; /* nothing more is to be expected, or the server is gone */
	json_t *steps;
	const struct scenario_server_words *demand;
};

static void take_events(struct control *c)
{
	char *end;

	while ((end = memchr(c->line, '\n', c->used))) {
		size_t length = (size_t)(end - c->line) + 1;
		json_t *event = json_loadb(c->line, length, 0, NULL);

		json_array_append_new(c->events, event ? event : json_pack("{ss}", "event", "unreadable"));
		memmove(c->line, c->line + length, c->used -= length);
	}
	c->ready = json_array_size(c->events) > 0;
	c->complete = proof_error(c->events) || proof_complete(c->events, c->steps, c->demand);
}

static bool control_ready(void *context)
{
	struct control *c = context;
	ssize_t got = read(c->fd, c->line + c->used, sizeof(c->line) - c->used);

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (got > 0) {
		c->used += (size_t)got;
		take_events(c);
		if (c->used < sizeof(c->line))
			return true;
	}
	c->ready = c->complete = true;
	return false;
}

/* Names and values in order, as SSL_CONF_cmd() takes them. */
static json_t *tls_json(const struct document_pairs *tls)
{
	json_t *list = json_array();

	for (size_t i = 0; i < tls->count; i++)
		json_array_append_new(list, json_pack("[ss]", tls->items[i].name, tls->items[i].value));
	return list;
}

static json_t *listen_json(const struct case_setting *setting)
{
	return json_pack("[{sssisb}]", "address", case_server_address(setting->variant->choice.family), "port",
			 CASE_PORT, "full", setting->variant->settings.server.full);
}

/* What is only said when a scenario says it. */
static void add_if_any(json_t *spec, const char *key, json_t *value)
{
	if (json_array_size(value) || (json_string_value(value) && *json_string_value(value)))
		json_object_set(spec, key, value);
	json_decref(value);
}

/* The JSON object for tlslab-server, on one line; allocated. It runs in the folder of the certificates. */
static char *server_spec(const struct case_setting *setting, json_t *steps)
{
	const struct scenario_server *server = &setting->variant->settings.server;
	char certificate[NAME_MAX], key[NAME_MAX], *text;
	json_t *spec;

	snprintf(certificate, sizeof(certificate), "%s.pem", server->certificate.text);
	snprintf(key, sizeof(key), "%s.key", server->certificate.text);
	spec = json_pack("{sosssssosbsb}", "listen", listen_json(setting), "certificate", certificate, "key", key,
			 "tls", tls_json(&server->tls), "rotate-ticket-keys", server->rotate_ticket_keys,
			 "wait-for-request", server->wait_for_request);
	add_if_any(spec, "alpn", document_strings_json(&server->alpn));
	add_if_any(spec, "server-names", document_strings_json(&server->names));
	add_if_any(spec, "staple", json_string(server->staple));
	add_if_any(spec, "psk", json_string(server->psk));
	if (steps)
		json_object_set(spec, "steps", steps);
	text = json_dumps(spec, JSON_COMPACT);
	json_decref(spec);
	return text;
}

struct running {
	const struct case_setting *setting;
	struct cell *cell;
	struct wire_process *wire;
	struct capture *capture;
	struct service *service;
	struct process *client;
	struct control control;
	json_t *record;
};

/* Waits until the server listens. */
static bool await_ready(struct control *control, struct error *error)
{
	const struct process_watch watch = {control->fd, control_ready, control};

	if (process_wait_for(&control->ready, NULL, 0, READY_MS, &watch, 1, error) == PROCESS_WAIT_FAILED)
		return false;
	if (proof_error(control->events))
		return error_set(error, "the server: %s", proof_error(control->events));
	return json_array_size(control->events) > 0 || error_set(error, "the server does not listen, and says nothing");
}

static bool start_server(struct running *r, struct error *error)
{
	char *spec = server_spec(r->setting, r->control.steps);
	int ends[2] = {-1, -1};

	if (!spec || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		error_errno(error, "make the server's control socket");
	} else {
		r->control.fd = ends[0];
		r->service = service_start(r->cell, r->setting->certificates, r->setting->stock, ends[1], error);
	}
	if (r->service && dprintf(r->control.fd, "%s\n", spec) < 0)
		error_errno(error, "write to the server's control socket");
	free(spec);
	return r->service && await_ready(&r->control, error);
}

/* ---- The case ---- */

/* When a byte of the output came. */
static json_int_t time_of(const struct process_output *output, size_t offset)
{
	size_t i = 0;

	while (i + 1 < output->piece_count && offset >= output->pieces[i].offset + output->pieces[i].length)
		i++;
	return i < output->piece_count ? (json_int_t)output->pieces[i].time : 0;
}

/* The lines that the client printed and when each began, so that they can be laid beside the packets. */
static json_t *times_json(const struct process *process)
{
	struct process_output output = process_output(process);
	json_t *lines = json_array();

	for (size_t at = 0; at < output.length;) {
		const char *start = output.text + at, *end = memchr(start, '\n', output.length - at);
		size_t length = end ? (size_t)(end - start) : output.length - at;

		if (length)
			json_array_append_new(lines, json_pack("{sIso}", "time", time_of(&output, at), "text",
							       record_words(start, length)));
		at += length + 1;
	}
	return json_pack("{sIsIso}", "started", (json_int_t)process_start_time(process), "ended",
			 (json_int_t)process_end_time(process), "lines", lines);
}

static char **build_client_command(const struct case_setting *setting)
{
	const struct variant *v = setting->variant;
	const struct client_setting client = {
		.tls = v->choice.tls,
		.family = v->choice.family,
		.host = CELL_SERVER_NAME,
		.address = case_server_address(v->choice.family),
		.trust = "root.pem",
		.port = CASE_PORT,
		.patience_ms = v->settings.client.patience_ms,
		.options = client_options_find(&v->settings.client.options, v->choice.client),
		.command = client_options_find(&v->settings.client.command, v->choice.client)};

	return client_command(v->client, &client);
}

/* How many connections there were, the last of which it may not have looked at: see proof_complete(). */
static bool ask_server(int control)
{
	return send(control, "\n", 1, MSG_NOSIGNAL) == 1;
}

/* In an environment that holds nothing of the user's own but PATH. */
static struct process *start_client(const struct running *r, struct error *error)
{
	const struct client *client = r->setting->variant->client;
	const char *inherited = getenv("PATH");
	char *path = NULL, **command = build_client_command(r->setting);
	struct process *process = NULL;

	if (!command || asprintf(&path, "PATH=%s", inherited ? inherited : "/usr/sbin:/usr/bin:/sbin:/bin") < 0) {
		error_errno(error, "make the client's command");
	} else {
		const char *const environment[] = {path, "LC_ALL=C", "HOME=/nonexistent", "OPENSSL_CONF=/dev/null",
						   NULL};
		const struct process_command start = {.argv = (const char *const *)command,
						      .environment = environment,
						      .folder = r->setting->certificates,
						      .input = client->input,
						      .open_input = client->input_stays_open};

		process = process_start(r->cell, CELL_CLIENT, &start, error);
		free(path);
	}
	client_command_free(command);
	return process;
}

static bool run_client(struct running *r, struct error *error)
{
	struct process_watch watches[CAPTURE_ENDS + 1] = {0};
	enum process_wait wait;
	size_t count = CAPTURE_ENDS;

	capture_watches(r->capture, watches);
	if (r->service)
		watches[count++] = (struct process_watch){r->control.fd, control_ready, &r->control};
	r->client = start_client(r, error);
	if (!r->client)
		return false;
	wait = process_wait(&r->client, 1, r->setting->variant->settings.client.patience_ms + GRACE_MS, watches, count,
			    error);
	if (wait == PROCESS_LATE)
		process_signal(r->client, SIGKILL);
	json_object_set_new(r->record, "client", record_outcome(r->client, wait == PROCESS_LATE));
	json_object_set_new(r->record, "times", times_json(r->client));
	/* The server still reads what the client sent last; a case that waits in vain here is judged by its events. */
	if (wait != PROCESS_WAIT_FAILED && r->service && !r->control.complete && ask_server(r->control.fd))
		wait = process_wait_for(&r->control.complete, NULL, 0, SETTLE_MS, watches, count, error);
	return wait != PROCESS_WAIT_FAILED;
}

static bool start_captures(struct running *r, struct error *error)
{
	char client[PATH_MAX], server[PATH_MAX];
	const char *const paths[CAPTURE_ENDS] = {
		[CAPTURE_CLIENT] = case_file(r->setting->folder, "client.pcap", client),
		[CAPTURE_SERVER] = case_file(r->setting->folder, "server.pcap", server),
	};

	r->capture = capture_start(r->cell, paths, (unsigned)r->setting->variant->settings.path.capture_packets, error);
	return r->capture != NULL;
}

static bool make_cell(struct running *r, struct error *error)
{
	const struct scenario_settings *settings = &r->setting->variant->settings;
	const char *family = r->setting->variant->choice.family;
	char hosts[128];
	struct cell_options options = {
		.hosts = hosts, .ipv4_alone = strcmp(family, "ipv6") != 0, .wire = settings->path.wire.count > 0};

	for (enum cell_interface i = 0; i < CELL_INTERFACES; i++)
		options.mtu[i] = (unsigned)settings->path.mtu[i];
	snprintf(hosts, sizeof(hosts), "%s %s\n", case_server_address(family), CELL_SERVER_NAME);
	r->cell = cell_new(&options, error);
	for (enum cell_place place = 0; r->cell && place < CELL_PLACES; place++) {
		if (!place_apply(r->cell, place, scenario_place(settings, place), error))
			return false;
	}
	if (r->cell && options.wire)
		r->wire = wire_start(r->cell, &settings->path.wire, error);
	return r->cell && (r->wire || !options.wire);
}

/* Rules of the wire count as rules of the firewall do, in a chain of that name. */
static bool record_wire(struct running *r, json_t *list, struct error *error)
{
	json_t *rules = r->wire ? wire_finish(r->wire, error) : NULL, *rule;
	size_t i;

	json_array_foreach(rules, i, rule) {
		json_array_append_new(list,
				      json_pack("{sssOsO}", "chain", "wire", "name", json_object_get(rule, "name"),
						"packets", json_object_get(rule, "acted")));
	}
	json_decref(rules);
	return !r->wire || rules;
}

static bool record_place(struct running *r, enum cell_place place, json_t *list, struct error *error)
{
	struct firewall_counters counters = {0};

	if (!*scenario_place(&r->setting->variant->settings, place)->nft)
		return true;
	if (!firewall_counters(r->cell, place, &counters, error))
		return false;
	for (size_t i = 0; i < counters.count; i++) {
		const struct firewall_counter *c = &counters.list[i];

		json_array_append_new(list, json_pack("{sssssI}", "chain", c->chain ? c->chain : "", "name",
						      c->name ? c->name : "", "packets", (json_int_t)c->packets));
	}
	firewall_counters_free(&counters);
	return true;
}

static bool record_counters(struct running *r, struct error *error)
{
	json_t *list = json_array();

	json_object_set_new(r->record, "counters", list);
	for (enum cell_place place = 0; place < CELL_PLACES; place++) {
		if (!record_place(r, place, list, error))
			return false;
	}
	return record_wire(r, list, error);
}

static bool record_packets(struct running *r, struct error *error)
{
	if (!capture_finish(r->capture, error))
		return false;
	json_object_set_new(r->record, "packets",
			    json_pack("{sIsI}", "client",
				      (json_int_t)capture_counts(r->capture, CAPTURE_CLIENT).packets, "server",
				      (json_int_t)capture_counts(r->capture, CAPTURE_SERVER).packets));
	return true;
}

static bool run(struct running *r, struct error *error)
{
	if (!make_cell(r, error))
		return false;
	if (strcmp(r->setting->variant->choice.family, "ipv6") == 0 && !cell_has_ipv6(r->cell)) {
		json_object_set_new(r->record, "skip", json_string("this kernel has no IPv6"));
		return true;
	}
	if (r->setting->variant->settings.server.listen) {
		if (!start_server(r, error))
			return false;
	}
	return start_captures(r, error) && run_client(r, error) && record_packets(r, error) &&
	       record_counters(r, error);
}

/* Signals that tlslab takes by descriptor must reach what runs here as usual: timeout(1) ends clients by SIGTERM. */
static void unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* ---- The whole ---- */

/* The errno, if that is why a capture could not be written: the next case would fare no better. */
static int want_of_space(const char *why)
{
	static const int codes[] = {ENOSPC, EDQUOT, EFBIG};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strstr(why, strerror(codes[i])))
			return codes[i];
	return 0;
}

int case_run(void *context)
{
	const struct case_setting *setting = context;
	const struct scenario_settings *settings = &setting->variant->settings;
	struct error error = {""};
	struct running r = {.setting = setting, .record = json_object(), .control = {.fd = -1}};
	int status;
	bool ok;

	unblock_signals();
	r.control.events = json_array();
	r.control.steps = settings->server.steps
				  ? document_json(&setting->variant->scenario->document, settings->server.steps)
				  : NULL;
	r.control.demand = &settings->expect.server;
	ok = run(&r, &error);
	if (!ok)
		json_object_set_new(r.record, "error", json_string(error.text));
	json_object_set_new(r.record, "server", r.control.events);
	status = ok ? 0 : want_of_space(error.text);
	if (status == 0)
		status = record_write(setting->folder, "cell.json", r.record);

	process_free(r.client);
	wire_process_free(r.wire);
	capture_free(r.capture);
	if (r.control.fd >= 0)
		close(r.control.fd); /* the server ends by that */
	if (ok && status == 0 && !json_object_get(r.record, "skip")) {
		sched_setaffinity(0, sizeof(*setting->cpus), setting->cpus); /* nothing is sent any more */
		status = analyze_case(setting);
	}
	service_free(r.service);
	cell_free(r.cell);
	json_decref(r.control.steps);
	json_decref(r.record);
	return status;
}
