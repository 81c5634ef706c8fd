/* client_alerts.c: the alerts that clients name or number in their error texts.
 *
 *     error:0A000410:SSL routines::sslv3 alert handshake failure     OpenSSL: the name behind "alert"
 *     ... SSL alert number 70                                        OpenSSL, Node: the number
 *     * TLSv1.3 (OUT), TLS alert, unknown CA (560):                  curl --verbose: level * 256 + number, and who sent
 *     it *** Received alert [40]: Handshake failed                      GnuTLS: the number Received fatal alert:
 *     protocol_version                         Java: the registered name remote error: tls: bad certificate            
 *                     Go: names of its own SSL_ERROR_HANDSHAKE_FAILURE_ALERT                              Firefox: the
 *     name before "ALERT" received fatal alert: HandshakeFailure                         rustls: the name in one word
 */
#include "analyzer/cli/client_words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALERT_WEIGHT 100000 /* an alert says more than any phrase */

/* Names that are not the registry's. */
static const struct {
	const char *name;
	int alert;
} other_names[] = {
	{"user cancelled", 90}, /* OpenSSL */
	{"no renegotiation", 100}, /* the registry calls it reserved since TLS 1.3 */
	{"revoked certificate", 44}, /* Go: crypto/tls/alert.go */
	{"expired certificate", 45},
	{"unknown certificate", 46},
	{"unknown certificate authority", 48},
	{"error decoding message", 50},
	{"error decrypting message", 51},
	{"protocol version not supported", 70},
	{"insufficient security level", 71},
	{"encrypted client hello required", 121},
	{"bad cert", 42}, /* NSS: SSLerrs.h */
	{"unsupported cert", 43},
	{"revoked cert", 44},
	{"expired cert", 45},
};

/* A line that has one of these is about an alert; where a number follows, it is the alert's. */
static const struct {
	const char *text;
	bool number; /* a decimal number follows */
	int base; /* to subtract from it */
} markers[] = {
	{"SSL alert number ", true, 0},
	{"Received alert [", true, 0},
	{"reason(", true, 1000}, /* OpenSSL has no name for it: SSL_AD_REASON_OFFSET */
	{"remote error: tls: alert(", true, 0}, /* Go has no name for it */
	{"remote error: tls: ", false, 0},
	{"alert", false, 0},
	{"no renegotiation", false, 0}, /* OpenSSL's own words for that alert */
	{"tlsv1 ", false, 0}, /* OpenSSL leaves "alert" out of the names of RFC 6066 */
};

static bool number_behind(const char *text, const char *end, int base, int *alert)
{
	int number = 0, digits = 0;

	for (; text < end && isdigit((unsigned char)*text) && digits < 5; text++, digits++)
		number = number * 10 + (*text - '0');
	if (!digits || number < base || number - base > UINT8_MAX)
		return false;
	*alert = number - base;
	return true;
}

/* curl's and OpenSSL's "(560)" behind the name: level and description of the record. A warning ends nothing. */
static bool level_and_number(const char *line, const char *end, int *alert)
{
	for (const char *p = line; p < end; p++) {
		int number;

		if (*p == '(' && number_behind(p + 1, end, 512, &number)) {
			*alert = number;
			return true;
		}
	}
	return false;
}

/* The registered name as texts spell it: blanks for '_', without "_RESERVED"; or in one word. */
static void spelled(int alert, bool in_one_word, char *name, size_t size)
{
	char registered[64];
	size_t n = 0;

	tlsdiag_alert_name((uint8_t)alert, registered, sizeof(registered));
	if (strstr(registered, "_RESERVED"))
		*strstr(registered, "_RESERVED") = '\0';
	for (const char *c = registered; *c && n + 1 < size; c++)
		if (!(in_one_word && *c == '_'))
			name[n++] = *c;
	name[n] = '\0';
}

struct found_name {
	const char *at;
	size_t span;
	int alert;
};

static void look_for(const struct folded_line *line, const char *name, int alert, struct found_name *best)
{
	size_t span;
	const char *at = client_phrase_in(line, name, &span);

	if (at && span > best->span)
		*best = (struct found_name){at, span, alert};
}

static struct found_name name_in(const struct folded_line *line)
{
	struct found_name best = {NULL, 0, -1};
	char name[64];

	for (size_t i = 0; i < sizeof(other_names) / sizeof(*other_names); i++)
		look_for(line, other_names[i].name, other_names[i].alert, &best);
	for (int alert = 1; alert <= UINT8_MAX; alert++) {
		if (!tlsdiag_alert_assigned((uint8_t)alert))
			continue;
		spelled(alert, false, name, sizeof(name));
		look_for(line, name, alert, &best);
		spelled(alert, true, name, sizeof(name));
		look_for(line, name, alert, &best);
	}
	return best;
}

static bool was_sent(const struct folded_line *line)
{
	size_t span;

	return client_phrase_in(line, "(OUT)", &span) || client_phrase_in(line, ">>>", &span);
}

/* The words are the name alone where it stands before the marker; else the marker and what it introduces, name or
 * number. */
static void put_words(struct client_statement *statement, const char *at, size_t span, const struct found_name *name,
		      const char *end)
{
	const char *first = name->at && name->at < at ? name->at : at;
	const char *last = name->at ? name->at + name->span : at + span;

	while (!name->at && last < end && isdigit((unsigned char)*last))
		last++;
	client_statement_say(statement, first, (size_t)(last - first));
}

bool client_alert_read(const struct folded_line *line, struct client_statement *statement)
{
	const char *end = line->text + line->length;
	size_t span;

	*statement = (struct client_statement){.alert = -1, .client = ""};
	for (size_t i = 0; i < sizeof(markers) / sizeof(*markers); i++) {
		const char *at = client_phrase_in(line, markers[i].text, &span);
		struct found_name name;

		if (!at || (markers[i].number && !number_behind(at + span, end, markers[i].base, &statement->alert)))
			continue;
		name = name_in(line);
		if (!markers[i].number && !level_and_number(at, end, &statement->alert))
			statement->alert = name.alert;
		if (statement->alert <= 0)
			continue;
		put_words(statement, at, span, &name, end);
		statement->sent = was_sent(line);
		statement->weight = ALERT_WEIGHT + strlen(statement->said);
		return true;
	}
	return false;
}
