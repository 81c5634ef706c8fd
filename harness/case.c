/* case.c: runs one case, see case.h.
 *
 * The order matters: faults and server are in place, and the server has said so, before the captures start; the captures
 * run before the client can send anything; they end when client and server are through with each other.
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

#include "harness/capture.h"
#include "harness/cell.h"
#include "harness/firewall.h"
#include "harness/process.h"
#include "harness/proof.h"
#include "harness/wire.h"

enum {
	READY_MS = 10000, /* for the server to listen */
	GRACE_MS = 10000, /* beyond its patience, for a client to end by itself */
	SETTLE_MS = 5000, /* for the server to be through when the client has ended */
	ANALYZER_MS = 60000,
	ANALYZER_OUTPUT_MAX = 16 << 20,
	ANALYZER_WORDS_MAX = 4096,
	CONTROL_LINE_MAX = 65536,
};

const char *case_server_address(const char *family)
{
	return strcmp(family, "ipv6") == 0 ? CELL_SERVER_IPV6 : CELL_SERVER_IPV4;
}

int case_limit_ms(const struct variant *variant)
{
	return READY_MS + variant->settings.client.patience_ms + GRACE_MS + SETTLE_MS + 10000;
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

static json_t *strings_json(const struct document_strings *strings)
{
	json_t *list = json_array();

	for (size_t i = 0; i < strings->count; i++)
		json_array_append_new(list, json_string(strings->items[i]));
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
	spec = json_pack("{sosssssosb}", "listen", listen_json(setting), "certificate", certificate, "key", key, "tls",
			 tls_json(&server->tls), "rotate-ticket-keys", server->rotate_ticket_keys);
	add_if_any(spec, "alpn", strings_json(&server->alpn));
	add_if_any(spec, "server-names", strings_json(&server->names));
	add_if_any(spec, "staple", json_string(server->staple));
	add_if_any(spec, "psk", json_string(server->psk));
	if (steps)
		json_object_set(spec, "steps", steps);
	text = json_dumps(spec, JSON_COMPACT);
	json_decref(spec);
	return text;
}

/* What every program of a case gets: nothing of the user's own. */
static const char *const *clean_environment(void)
{
	static char path[PATH_MAX];
	static const char *environment[] = {path, "LC_ALL=C", "HOME=/nonexistent", "OPENSSL_CONF=/dev/null", NULL};
	const char *inherited = getenv("PATH");

	snprintf(path, sizeof(path), "PATH=%s", inherited ? inherited : "/usr/sbin:/usr/bin:/sbin:/bin");
	return environment;
}

static struct process *spawn_server(const struct case_setting *setting, const struct cell *cell, int fd,
				    struct error *error)
{
	char number[16];
	const char *const argv[] = {setting->server_program, "serve", "--control", number, NULL};
	const struct process_command command = {
		.argv = argv, .environment = clean_environment(), .folder = setting->certificates, .keep = fd};

	snprintf(number, sizeof(number), "%d", fd);
	return process_start(cell, CELL_SERVER, &command, error);
}

struct running {
	const struct case_setting *setting;
	struct cell *cell;
	struct wire_process *wire;
	struct capture *capture;
	struct process *server, *client;
	struct control control;
	json_t *record;
};

/* Waits until the server listens. */
static bool await_ready(struct process *server, struct control *control, struct error *error)
{
	const struct process_watch watch = {control->fd, control_ready, control};
	struct process_output output;

	if (process_wait_for(&control->ready, &server, 1, READY_MS, &watch, 1, error) == PROCESS_WAIT_FAILED)
		return false;
	if (proof_error(control->events))
		return error_set(error, "tlslab-server: %s", proof_error(control->events));
	if (json_array_size(control->events) > 0)
		return true;
	output = process_output(server);
	return error_set(error, "tlslab-server does not listen: %s", output.length ? output.text : "it says nothing");
}

static bool start_server(struct running *r, struct error *error)
{
	char *spec = server_spec(r->setting, r->control.steps);
	int ends[2] = {-1, -1};

	if (!spec || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		error_errno(error, "make the server's control socket");
	} else {
		r->control.fd = ends[0];
		r->server = spawn_server(r->setting, r->cell, ends[1], error);
		close(ends[1]);
	}
	if (r->server && dprintf(r->control.fd, "%s\n", spec) < 0)
		error_errno(error, "write to the server's control socket");
	free(spec);
	return r->server && await_ready(r->server, &r->control, error);
}

/* ---- The case ---- */

/* Where bytes are no UTF-8 or are 0, '?' stands for them and all that are not ASCII: the words around them still tell. */
static json_t *words_json(const char *text, size_t length)
{
	json_t *json = memchr(text, '\0', length) ? NULL : json_stringn(text, length);
	char *copy;

	if (json)
		return json;
	copy = malloc(length + 1);
	for (size_t i = 0; copy && i < length; i++)
		copy[i] = text[i] && (unsigned char)text[i] < 0x80 ? text[i] : '?';
	json = json_stringn(copy ? copy : "", copy ? length : 0);
	free(copy);
	return json;
}

static json_t *outcome_json(const struct process *process, bool late)
{
	struct process_output output = process_output(process);

	return json_pack("{sisisbso}", "status", process_status(process), "signal", process_ended_by(process), "late",
			 late, "output", words_json(output.text, output.length));
}

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
							       words_json(start, length)));
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

static bool run_client(struct running *r, struct error *error)
{
	char **command = build_client_command(r->setting);
	const struct process_command start = {.argv = (const char *const *)command,
					      .environment = clean_environment(),
					      .folder = r->setting->certificates,
					      .input = r->setting->variant->client->input,
					      .open_input = r->setting->variant->client->input_stays_open};
	struct process_watch watches[CAPTURE_ENDS + 1] = {0};
	enum process_wait wait;
	size_t count = CAPTURE_ENDS;

	capture_watches(r->capture, watches);
	if (r->server)
		watches[count++] = (struct process_watch){r->control.fd, control_ready, &r->control};
	r->client = command ? process_start(r->cell, CELL_CLIENT, &start, error) : NULL;
	client_command_free(command);
	if (!r->client)
		return false;
	wait = process_wait(&r->client, 1, r->setting->variant->settings.client.patience_ms + GRACE_MS, watches, count,
			    error);
	if (wait == PROCESS_LATE)
		process_signal(r->client, SIGKILL);
	json_object_set_new(r->record, "client", outcome_json(r->client, wait == PROCESS_LATE));
	json_object_set_new(r->record, "times", times_json(r->client));
	/* The server still reads what the client sent last; a case that waits in vain here is judged by its events. */
	if (wait != PROCESS_WAIT_FAILED && r->server && !r->control.complete)
		wait = process_wait_for(&r->control.complete, &r->server, 1, SETTLE_MS, watches, count, error);
	return wait != PROCESS_WAIT_FAILED;
}

static bool start_captures(struct running *r, struct error *error)
{
	char client[PATH_MAX], server[PATH_MAX];
	const char *const paths[CAPTURE_ENDS] = {
		[CAPTURE_CLIENT] = case_file(r->setting->folder, "client.pcap", client),
		[CAPTURE_SERVER] = case_file(r->setting->folder, "server.pcap", server),
	};

	r->capture = capture_start(r->cell, paths, error);
	return r->capture != NULL;
}

static bool make_cell(struct running *r, struct error *error)
{
	const struct scenario_settings *settings = &r->setting->variant->settings;
	char hosts[128];
	struct cell_options options = {.hosts = hosts, .wire = settings->path.wire.count > 0};

	for (enum cell_interface i = 0; i < CELL_INTERFACES; i++)
		options.mtu[i] = (unsigned)settings->path.mtu[i];
	snprintf(hosts, sizeof(hosts), "%s %s\n", case_server_address(r->setting->variant->choice.family),
		 CELL_SERVER_NAME);
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

static int write_record(const char *folder, const char *name, json_t *record)
{
	char path[PATH_MAX];

	return json_dump_file(record, case_file(folder, name, path), JSON_INDENT(1)) == 0 ? 0 : 1;
}

int case_run(void *context)
{
	const struct case_setting *setting = context;
	const struct scenario_settings *settings = &setting->variant->settings;
	struct error error = {""};
	struct running r = {.setting = setting, .record = json_object(), .control = {.fd = -1}};
	int status;

	unblock_signals();
	r.control.events = json_array();
	r.control.steps = settings->server.steps
				  ? document_json(&setting->variant->scenario->document, settings->server.steps)
				  : NULL;
	r.control.demand = &settings->expect.server;
	if (!run(&r, &error))
		json_object_set_new(r.record, "error", json_string(error.text));
	json_object_set_new(r.record, "server", r.control.events);
	status = write_record(setting->folder, "cell.json", r.record);

	process_free(r.client);
	process_free(r.server);
	wire_process_free(r.wire);
	capture_free(r.capture);
	cell_free(r.cell);
	if (r.control.fd >= 0)
		close(r.control.fd);
	json_decref(r.control.steps);
	json_decref(r.record);
	return status;
}

/* ---- The analyzer ---- */

/* "$0" is the capture, so that a path needs no quoting; the commands' own words stay as the user gave them. Both captures are
 * compared by the same shell, for a process that only waits costs as much as the work. */
static char *analyzer_script(const struct case_setting *setting)
{
	const char *pair = setting->pair_analyzer;
	char *script = NULL;
	size_t size;
	FILE *out = open_memstream(&script, &size);

	if (!out)
		return NULL;
	fprintf(out, "exec 2>\"$1\"\n%s \"$0\"\n", setting->analyzer);
	if (pair)
		fprintf(out,
			"status=$?\nexec 2>\"$3.txt\"\n%s --at-client \"$0\" --at-server \"$2\" >\"$3.jsonl\"\n"
			"echo $? >\"$3.status\"\nexit $status\n",
			pair);
	fclose(out);
	return script;
}

/* A file of the case's folder that the script wrote, up to a limit, as JSON takes it. */
static char *read_text(const struct case_setting *setting, const char *name, size_t limit)
{
	char path[PATH_MAX], *text = calloc(limit + 1, 1);
	FILE *file = fopen(case_file(setting->folder, name, path), "re");
	size_t length = file && text ? fread(text, 1, limit, file) : 0;

	if (file)
		fclose(file);
	if (text)
		text[length] = 0;
	return text;
}

/* What the comparison of both captures said; NULL: nobody was asked. */
static json_t *between_json(const struct case_setting *setting)
{
	char *output, *words, *status;
	json_t *record;

	if (!setting->pair_analyzer)
		return NULL;
	output = read_text(setting, "between.jsonl", ANALYZER_WORDS_MAX * 256);
	words = read_text(setting, "between.txt", ANALYZER_WORDS_MAX);
	status = read_text(setting, "between.status", 16);
	record = json_pack("{sososo}", "output", words_json(output ? output : "", output ? strlen(output) : 0), "words",
			   words_json(words ? words : "", words ? strlen(words) : 0), "status",
			   status && *status ? json_integer(strtol(status, NULL, 10)) : json_null());
	free(output);
	free(words);
	free(status);
	return record;
}

/* The end of what it said on standard error. */
static json_t *analyzer_words(const char *path)
{
	char text[ANALYZER_WORDS_MAX];
	FILE *file = fopen(path, "re");
	size_t length = 0;

	if (file && fseek(file, -(long)sizeof(text), SEEK_END) != 0)
		rewind(file);
	if (file)
		length = fread(text, 1, sizeof(text), file);
	if (file)
		fclose(file);
	return words_json(text, length);
}

int case_analyze(void *context)
{
	const struct case_setting *setting = context;
	char capture[PATH_MAX], words[PATH_MAX], between[PATH_MAX], server[PATH_MAX],
		*script = analyzer_script(setting);
	const char *const argv[] = {"sh",
				    "-c",
				    script,
				    case_file(setting->folder, "client.pcap", capture),
				    case_file(setting->folder, "analyzer.txt", words),
				    case_file(setting->folder, "server.pcap", server),
				    case_file(setting->folder, "between", between),
				    NULL};
	const struct process_command command = {.argv = argv, .output_limit = ANALYZER_OUTPUT_MAX};
	struct error error = {""};
	struct process *process;
	json_t *record = NULL;
	int status;

	unblock_signals();
	process = script ? process_start(NULL, CELL_CLIENT, &command, &error) : NULL;
	if (process) {
		enum process_wait wait = process_wait(&process, 1, ANALYZER_MS, NULL, 0, &error);

		record = outcome_json(process, wait == PROCESS_LATE);
		json_object_set_new(record, "words", analyzer_words(words));
		if (setting->pair_analyzer)
			json_object_set_new(record, "between", between_json(setting));
	}
	if (!record)
		record = json_pack("{ss}", "error", error.text);
	status = write_record(setting->folder, "analyzer.json", record);
	process_free(process);
	json_decref(record);
	free(script);
	return status;
}
