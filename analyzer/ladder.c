/* ladder.c: the packets that a signature looks like: what every connection has that came as far as its stage, and then
 * the ending that makes the failure. Endings are rows matched as words.c matches: the longest front of the signature
 * wins. */
#include "analyzer/words.h"

#include <stdio.h>
#include <string.h>

#define ENDING_STEPS_MAX 4

enum {
	C = TLSDIAG_FROM_CLIENT,
	S = TLSDIAG_FROM_SERVER,
	N = TLSDIAG_FROM_NETWORK,
	TURN, /* the end that is to send the next message at this stage */
	ALERTER, /* the end that judges at this stage what the other sent */
};

struct step {
	const char *text; /* "%s": the signature's detail; NULL behind the last step */
	unsigned char from;
	unsigned char kind;
};

#define SENT(from, text)                                                                                               \
	{                                                                                                              \
		text, from, TLSDIAG_STEP_ARRIVES                                                                       \
	}
#define LOST(from, text)                                                                                               \
	{                                                                                                              \
		text, from, TLSDIAG_STEP_LOST                                                                          \
	}
#define SILENCE(from, text)                                                                                            \
	{                                                                                                              \
		text, from, TLSDIAG_STEP_SILENCE                                                                       \
	}

/* What passes on the way to a milestone. */
static const struct {
	enum tlsdiag_stage milestone;
	unsigned char from;
	const char *text;
} passages[] = {
	{TLSDIAG_TCP, C, "SYN"},
	{TLSDIAG_TCP, S, "SYN-ACK"},
	{TLSDIAG_TCP, C, "ACK"},
	{TLSDIAG_CLIENT_HELLO, C, "ClientHello"},
	{TLSDIAG_SERVER_HELLO, S, "ServerHello"},
	{TLSDIAG_SERVER_FLIGHT, S, "Certificate and the rest of its flight (TLS 1.3: encrypted)"},
	{TLSDIAG_CLIENT_FLIGHT, C, "its own flight, up to Finished"},
	{TLSDIAG_FINISHED, S, "ChangeCipherSpec, Finished (TLS 1.3: tickets or data)"},
};

static const struct {
	const char *signature;
	struct step steps[ENDING_STEPS_MAX];
} endings[] = {
	{"tcp", {SENT(C, "SYN"), SILENCE(S, "no SYN-ACK, or no ACK for it")}},
	{"tcp/timeout",
	 {SENT(C, "SYN"), SENT(C, "the same SYN again, after 1, 2, 4 seconds"), SILENCE(S, "no answer at all")}},
	{"tcp/refused", {SENT(C, "SYN"), SENT(S, "RST, ACK in place of the SYN-ACK")}},
	{"tcp/unreachable", {SENT(C, "SYN"), SENT(N, "ICMP destination unreachable, which quotes the SYN")}},
	{"tcp/unreachable/ttl-exceeded", {SENT(C, "SYN"), SENT(N, "ICMP time exceeded, which quotes the SYN")}},
	{"tcp/half-open",
	 {SENT(C, "SYN"), SENT(S, "SYN-ACK"), SENT(S, "the same SYN-ACK again"), SILENCE(C, "no ACK and no RST")}},
	{"tcp/reset", {SENT(C, "SYN"), SENT(S, "SYN-ACK"), SENT(C, "RST in place of the ACK")}},
	{"tcp/reset/injected",
	 {SENT(C, "SYN"), SENT(N, "RST in the server's name"), SENT(S, "SYN-ACK, which comes too late")}},
	{"tcp/closed", {SENT(C, "SYN"), SENT(C, "FIN before the handshake was done")}},
	{"tcp/abandoned", {SENT(C, "SYN"), SENT(C, "RST or FIN, before an answer could be late")}},

	{"client-hello", {SILENCE(C, "no whole ClientHello")}},
	{"client-hello/timeout", {SILENCE(C, "no ClientHello"), SENT(S, "FIN or RST, when it is tired of waiting")}},
	{"client-hello/lost",
	 {LOST(C, "ClientHello"), LOST(C, "the same again, ever more slowly"), SILENCE(S, "no ACK for it")}},
	{"client-hello/lost/mtu",
	 {LOST(C, "ClientHello, in full-size packets"), LOST(C, "the same again"), SILENCE(S, "no ACK for it")}},
	{"client-hello/lost/partial",
	 {SENT(C, "ClientHello, its first segment"), SENT(S, "ACK of that segment"),
	  LOST(C, "its second segment, again and again")}},
	{"client-hello/refused",
	 {SENT(C, "asks for TLS in clear: STARTTLS, SSLRequest, CONNECT"), SENT(S, "says no, in clear")}},
	{"client-hello/refused/connect",
	 {SENT(C, "CONNECT api.example.net:443 HTTP/1.1"), SENT(S, "HTTP/1.1 403, 407, 502: no tunnel")}},
	{"client-hello/refused/postgres", {SENT(C, "SSLRequest: 00 00 00 08 04 d2 16 2f"), SENT(S, "N")}},
	{"client-hello/refused/mysql", {SENT(S, "greeting without CLIENT_SSL, or an error"), SENT(C, "FIN")}},
	{"client-hello/refused/mssql",
	 {SENT(C, "PRELOGIN: encryption is required"), SENT(S, "PRELOGIN: encryption is not supported")}},
	{"client-hello/refused/smtp", {SENT(C, "STARTTLS"), SENT(S, "454, 502 or 503: no")}},
	{"client-hello/reset", {SENT(S, "RST")}},
	{"client-hello/closed", {SENT(S, "FIN")}},
	{"client-hello/abandoned", {SENT(C, "FIN or RST, without a ClientHello")}},
	{"client-hello/alert", {SENT(C, "something that is no ClientHello"), SENT(S, "alert fatal %s (15 03 ...)")}},
	{"client-hello/not-tls", {SENT(C, "%s in clear"), SENT(S, "an alert, an error in clear, or FIN")}},
	{"client-hello/not-tls/http", {SENT(C, "GET / HTTP/1.1, in clear"), SENT(S, "HTTP/1.1 400, an alert, or FIN")}},
	{"client-hello/malformed", {SENT(C, "a record or ClientHello that breaks TLS: %s")}},

	{"server-hello", {SILENCE(S, "no ServerHello")}},
	{"server-hello/timeout",
	 {SENT(S, "ACK of the ClientHello"), SILENCE(S, "no ServerHello"), SENT(C, "FIN, when it gives up")}},
	{"server-hello/lost", {LOST(S, "ServerHello"), LOST(S, "the same again, ever more slowly")}},
	{"server-hello/lost/mtu",
	 {SENT(S, "ACK, in a small packet"), LOST(S, "ServerHello in full-size packets, again and again")}},
	{"server-hello/reset", {SENT(S, "RST, with the TTL of its other packets")}},
	{"server-hello/reset/injected",
	 {SENT(N, "RST in the server's name: another TTL, IP ID or number"),
	  SENT(S, "ServerHello, which comes too late")}},
	{"server-hello/closed", {SENT(S, "FIN, and no alert before it")}},
	{"server-hello/abandoned", {SENT(C, "FIN or RST, before an answer could be late")}},
	{"server-hello/not-tls", {SENT(S, "%s in clear")}},
	{"server-hello/not-tls/http", {SENT(S, "HTTP/1.1 400 Bad Request, in clear")}},
	{"server-hello/not-tls/ssh", {SENT(S, "SSH-2.0-..., in clear")}},
	{"server-hello/not-tls/smtp", {SENT(S, "220 ... ESMTP, in clear")}},

	{"server-flight", {SILENCE(S, "not all of Certificate, key exchange, Finished")}},
	{"server-flight/timeout", {SILENCE(S, "no Certificate"), SENT(C, "FIN, when it gives up")}},
	{"server-flight/lost", {LOST(S, "Certificate"), LOST(S, "the same again, ever more slowly")}},
	{"server-flight/lost/mtu",
	 {LOST(S, "Certificate in full-size packets"), SENT(S, "a short last packet"),
	  SENT(C, "ACK again: bytes are missing"), LOST(S, "the full-size packets again")}},

	{"client-flight", {SILENCE(C, "no answer to the certificate")}},
	{"client-flight/timeout", {SENT(C, "ACK of the flight"), SILENCE(C, "no answer to it")}},
	{"client-flight/lost", {LOST(C, "its own flight"), LOST(C, "the same again, ever more slowly")}},
	{"client-flight/lost/mtu", {LOST(C, "its Certificate in full-size packets"), LOST(C, "the same again")}},
	{"client-flight/alert/encrypted",
	 {SENT(C, "a record of 19 bytes, type application data: an alert by its length")}},
	{"client-flight/reset", {SENT(C, "RST in place of its own flight")}},
	{"client-flight/closed", {SENT(C, "FIN in place of its own flight, and no alert")}},

	{"finished", {SILENCE(S, "no Finished, no data")}},
	{"finished/timeout",
	 {SENT(S, "ACK of the flight"), SILENCE(S, "no Finished"), SENT(C, "FIN, when it gives up")}},
	{"finished/lost", {LOST(S, "its Finished, tickets or data"), LOST(S, "the same again")}},
	{"finished/alert/encrypted", {SENT(S, "a record of 19 bytes, type application data: an alert by its length")}},

	{"application", {SENT(C, "application data: the request"), SILENCE(S, "no answer")}},
	{"application/timeout",
	 {SENT(C, "application data: the request"), SENT(S, "ACK of it"), SILENCE(S, "no answer"),
	  SENT(C, "FIN, when it gives up")}},
	{"application/lost", {LOST(C, "application data: the request"), LOST(C, "the same again")}},
	{"application/reset", {SENT(C, "application data: the request"), SENT(S, "RST")}},
	{"application/closed", {SENT(C, "application data: the request"), SENT(S, "FIN or close_notify")}},
	{"application/abandoned",
	 {SENT(C, "application data: the request"), SENT(C, "FIN or RST, before an answer could be late")}},
	{"application/alert", {SENT(C, "application data: the request"), SENT(S, "alert fatal %s")}},
	{"application/alert/encrypted",
	 {SENT(C, "application data: the request"), SENT(S, "an encrypted alert (TLS 1.3: a record of 19 bytes)")}},

	/* At every other stage, in the name of the end that usually does it. */
	{"any/timeout", {SILENCE(TURN, "nothing more")}},
	{"any/lost", {LOST(TURN, "what is due at this stage"), LOST(TURN, "the same again")}},
	{"any/lost/mtu", {LOST(TURN, "full-size packets"), LOST(TURN, "the same again")}},
	{"any/lost/partial",
	 {SENT(TURN, "the first segment of a message"), LOST(TURN, "the next one, again and again")}},
	{"any/refused", {SENT(TURN, "no, in clear")}},
	{"any/unreachable", {SENT(N, "ICMP unreachable (%s), which quotes a packet of the connection")}},
	{"any/unreachable/ttl-exceeded", {SENT(N, "ICMP time exceeded, which quotes a packet of the connection")}},
	{"any/half-open", {SILENCE(TURN, "nothing that completes the connection")}},
	{"any/reset", {SENT(TURN, "RST")}},
	{"any/reset/injected", {SENT(N, "RST in another's name: another TTL, IP ID or number")}},
	{"any/closed", {SENT(TURN, "FIN, and no alert before it")}},
	{"any/abandoned", {SENT(C, "FIN or RST at once")}},
	{"any/alert", {SENT(ALERTER, "alert fatal %s")}},
	{"any/alert/encrypted", {SENT(ALERTER, "an encrypted alert (TLS 1.3: a record of 19 bytes)")}},
	{"any/not-tls", {SENT(TURN, "%s in clear")}},
	{"any/malformed", {SENT(TURN, "bytes that break TLS: %s")}},
};

/* What stands for the detail where a signature has none. */
static const char *unknown_detail(const char *signature)
{
	static const struct {
		const char *cause, *words;
	} unknown[] = {
		{"/alert", "with its description"},
		{"/not-tls", "another protocol"},
		{"/malformed", "its framing or its rules"},
		{"/unreachable", "with its reason"},
	};

	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
		if (strstr(signature, unknown[i].cause))
			return unknown[i].words;
	return "";
}

static const char *detail_of(const char *signature)
{
	const char *cause = strchr(signature, '/');
	const char *detail = cause ? strchr(cause + 1, '/') : NULL;

	return detail ? detail + 1 : unknown_detail(signature);
}

static enum tlsdiag_stage stage_of(const char *signature)
{
	size_t n = strcspn(signature, "/");

	for (int i = 0; i < TLSDIAG_STAGES; i++) {
		const char *name = tlsdiag_stage_name((enum tlsdiag_stage)i);

		if (strlen(name) == n && memcmp(name, signature, n) == 0)
			return (enum tlsdiag_stage)i;
	}
	return TLSDIAG_STAGES;
}

static enum tlsdiag_direction sender(const struct step *step, enum tlsdiag_stage stage)
{
	bool clients_turn = stage == TLSDIAG_CLIENT_HELLO || stage == TLSDIAG_CLIENT_FLIGHT;
	bool client_alerts = stage == TLSDIAG_SERVER_FLIGHT || stage == TLSDIAG_CLIENT_FLIGHT;

	switch (step->from) {
	case TURN:
		return clients_turn ? TLSDIAG_FROM_CLIENT : TLSDIAG_FROM_SERVER;
	case ALERTER:
		return client_alerts ? TLSDIAG_FROM_CLIENT : TLSDIAG_FROM_SERVER;
	default:
		return (enum tlsdiag_direction)step->from;
	}
}

static const struct step *ending_of(const char *signature)
{
	const struct step *best = NULL;
	int best_fit = 0;

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		int fit = tlsdiag_fit(endings[i].signature, signature);

		if (fit > best_fit) {
			best = endings[i].steps;
			best_fit = fit;
		}
	}
	return best;
}

static size_t put_passages(enum tlsdiag_stage stage, struct tlsdiag_step *steps)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(passages) / sizeof(*passages) && passages[i].milestone < stage; i++) {
		steps[n] = (struct tlsdiag_step){.from = (enum tlsdiag_direction)passages[i].from};
		snprintf(steps[n].text, sizeof(steps[n].text), "%s", passages[i].text);
		n++;
	}
	return n;
}

/* The text with the detail in place of its "%s". */
static void put_text(struct tlsdiag_step *step, const char *text, const char *detail)
{
	const char *hole = strstr(text, "%s");
	int before = hole ? (int)(hole - text) : (int)strlen(text);

	snprintf(step->text, sizeof(step->text), "%.*s%.40s%s", before, text, hole ? detail : "", hole ? hole + 2 : "");
}

size_t tlsdiag_ladder(const char *signature, struct tlsdiag_step steps[TLSDIAG_STEPS_MAX])
{
	enum tlsdiag_stage stage = stage_of(signature);
	const struct step *ending = ending_of(signature);
	size_t n;

	if (!words_is_signature(signature) || !ending)
		return 0;
	n = stage == TLSDIAG_STAGES ? 0 : put_passages(stage, steps);
	for (const struct step *e = ending; e < ending + ENDING_STEPS_MAX && e->text; e++) {
		if (stage == TLSDIAG_STAGES && e->from >= TURN)
			return 0;
		steps[n] = (struct tlsdiag_step){
			.kind = (enum tlsdiag_step_kind)e->kind, .from = sender(e, stage), .ending = true};
		put_text(&steps[n++], e->text, detail_of(signature));
	}
	return n;
}
