/* scenario.h: one scenario file, scenarios/<stage>/<name>.yaml: a failure to make, and what must then be seen.
 *
 * A file is checked whole when it is loaded: keys, values, names of clients, and every override. What a case does is
 * asked for with scenario_settings(), which lays the overrides that apply over the file's own settings.
 */
#ifndef HARNESS_SCENARIO_H
#define HARNESS_SCENARIO_H

#include "harness/client.h"
#include "harness/document.h"
#include "harness/place.h"
#include "harness/wire_rule.h"

enum {
	SCENARIO_CLIENTS_MAX = 32, /* clients that one file has words for */
	/* Patience where a file does not say: no healthy handshake on a busy machine takes as long. */
	SCENARIO_PATIENCE_MS = 10000,
};

/* One choice for each dimension in which cases of one scenario differ. */
struct scenario_choice {
	const char *client;
	const char *tls; /* the newest version the client may use: "1.2" or "1.3" */
	const char *family; /* "ipv4" or "ipv6" */
};

/* Sets of choices: a scenario's variants, and when an override applies. An empty set stands for all. */
struct scenario_choices {
	struct document_strings client, tls, family;
};

/* A word that only a run can check, and its place for the error. */
struct scenario_word {
	const char *text;
	yaml_node_t *node; /* NULL: a default */
};

struct scenario_server {
	struct scenario_word certificate; /* name in the table of minted certificates */
	struct document_pairs tls; /* names and values for SSL_CONF_cmd(), in order */
	yaml_node_t *steps; /* NULL: a real handshake and one HTTP answer */
	bool listen; /* false: nothing listens */
	bool full; /* it listens, but its queue of connections is full */
	const char *staple; /* file of an OCSP response to staple, "" for none */
	const char *psk; /* hexadecimal, "" for none */
	struct document_strings alpn, names; /* protocols and server names that it knows; empty: any */
	bool rotate_ticket_keys; /* no ticket is ever accepted */
	bool wait_for_request; /* in TLS 1.3, before it sends tickets; the default */
	struct place place;
};

struct scenario_path {
	struct place place;
	int mtu[CELL_INTERFACES]; /* bytes of IP packet; 0: as in the plain cell */
	int capture_packets; /* that the captures' buffers hold; 0: as many as usual */
	struct wire_rules wire; /* none: no wire, the kernel's link */
};

struct scenario_client {
	int patience_ms; /* how long the client waits before it gives up */
	struct client_options options; /* further words, by client */
	struct client_options command; /* other commands than those of clients.yaml, by client */
	struct place place;
};

/* What the server must say of its own handshake; "" for no demand. */
struct scenario_server_words {
	const char *handshake; /* "done", "resumed" (done, by an earlier session) or "failed" */
	const char *error; /* part of its error text */
	bool closed; /* it notices that the client has closed; the default */
};

struct scenario_client_words {
	const char *client;
	int exit; /* exit status */
	const char *error; /* part of what it prints, "" for no demand */
};

/* Instead of an exit status that is not known yet: any will do. */
#define SCENARIO_ANY_EXIT (-1)

/* What two captures, at the client and at the server, must show of the way between. Lists are sets. */
struct scenario_between {
	struct document_strings dropped, appeared, duplicated; /* "to-server", "to-client" */
	struct document_strings changed; /* fields: "mss", "payload" … */
	struct document_strings may; /* kinds of which anything may be said, for it depends on timing: "dropped" … */
	const char *signature, *by; /* "": as of the client's capture alone */
	const char *certainty; /* "": either */
};

struct scenario_expect {
	const char *outcome; /* "failed" when there is a signature */
	const char *signature, *by;
	const char *certainty; /* "": seen if failed, otherwise either */
	int connections; /* verdicts on the server; the last is the one that is judged */
	struct scenario_server_words server;
	struct scenario_between between;
	struct scenario_client_words clients[SCENARIO_CLIENTS_MAX];
	size_t client_count;
};

/* What one client sees, said in a file of the client's own (words.h): for these TLS versions, with what is expected
 * otherwise than the scenario says. */
struct scenario_client_case {
	struct document_strings tls;
	struct scenario_client_words words;
	struct scenario_expect expect;
};

struct scenario_settings {
	struct scenario_server server;
	struct scenario_path path;
	struct scenario_client client;
	struct scenario_expect expect;
};

struct scenario_override {
	struct scenario_choices when;
	yaml_node_t *server, *path, *client, *expect; /* NULL where nothing changes */
};

struct scenario {
	struct document document;
	char *name; /* "server-hello/reset" */
	bool by_path; /* the user named its file, so it may lie in no folder of scenarios */
	const char *title;
	const char *story;
	struct document_strings tags; /* groups of scenarios that it belongs to, look-alikes above all */
	struct scenario_choices variants;
	yaml_node_t *server, *path, *client, *expect; /* NULL where the file says nothing */
	yaml_node_t *variants_node, *overrides_node;
	size_t override_count;
	struct scenario_override *overrides;
};

/* The words that variants may use beside client names, each list ended by NULL. */
extern const char *const scenario_versions[];
extern const char *const scenario_families[];

/* Reads `path`; the scenario's name is the last two parts of it without ".yaml". `clients` are those it may name.
 * False: document.error says why. scenario_free() is due either way. */
bool scenario_load(struct scenario *scenario, const char *path, const struct clients *clients);
void scenario_free(struct scenario *scenario);

/* What one case does and expects. Cannot fail after a successful load except for want of memory; then false, and
 * document.error says so. */
bool scenario_settings(struct scenario *scenario, const struct scenario_choice *choice,
		       struct scenario_settings *settings);

/* Takes such a mapping; what it does not say stays as it is. */
bool scenario_take_client_case(struct document *d, yaml_node_t *node, struct scenario_client_case *into);

/* Whether `set` is empty or holds `value`. */
bool scenario_admits(const struct document_strings *set, const char *value);

/* What the scenario says that this client sees, or NULL. */
const struct scenario_client_words *scenario_words(const struct scenario_expect *expect, const char *client);

/* What the scenario changes at a place of the cell. */
const struct place *scenario_place(const struct scenario_settings *settings, enum cell_place where);

/* Whether it has firewall rules anywhere. */
bool scenario_has_rules(const struct scenario_settings *settings);

/* How long, in milliseconds, the case mostly waits: for a client that is to lose patience, for a server that stalls, or
 * for a retransmission where something is wrong with the path. 0 where none of these is said. */
int scenario_waits_ms(struct scenario *scenario, const struct scenario_settings *settings);

/* What is injected where this client connects, in one line, as "path: tcp dport 443 counter drop" or "server: read
 * client-hello, reset"; "nothing" for a healthy control. Allocated; NULL when out of memory. */
char *scenario_injected(struct scenario *scenario, const struct scenario_settings *settings, const char *client);

#endif
