/* preamble_phrases.c: the words in which servers say that they wanted TLS and got clear text. */
#include "preamble.h"

static const char *const phrases[] = {
	"The plain HTTP request was sent to HTTPS port", /* nginx, OpenResty, AWS load balancers */
	"speaking plain HTTP to an SSL-enabled server port", /* Apache httpd */
	"Client sent an HTTP request to an HTTPS server", /* Go net/http: Caddy, Traefik, Kubernetes, Docker */
	"This combination of host and port requires TLS", /* Tomcat */
	"plain HTTP to TLS", /* Jetty, Undertow */
	"HTTP request sent to HTTPS port",
	"HTTP spoken on HTTPS port",
	"You must use HTTPS",
	"Must issue a STARTTLS command first", /* SMTP, RFC 3207 section 4 */
	"Must issue STARTTLS",
	"STARTTLS is required",
	"STARTTLS required",
	"must use TLS",
	"sessions must use encryption", /* FTP: vsftpd */
	"SSL/TLS required on the control channel", /* FTP: ProFTPD */
	"PRIVACYREQUIRED", /* IMAP, RFC 5530 */
	"confidentiality required", /* LDAP result 13 */
	"insecure transport are prohibited", /* MySQL and MariaDB, error 3159 */
	"SSL connection is required", /* MySQL and PostgreSQL at Azure */
	"no encryption", /* PostgreSQL: no pg_hba.conf entry for …, no encryption */
	", SSL off", /* the same before PostgreSQL 14 */
};

const char *preamble_phrase(size_t i)
{
	return i < sizeof(phrases) / sizeof(phrases[0]) ? phrases[i] : NULL;
}

bool preamble_server_expected_tls(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; n && i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (memmem(bytes, n, phrases[i], strlen(phrases[i])))
			return true;
	return false;
}
