/* client_claims.c: what clients' error texts claim, and how each claim stands to the signatures of the wire. Rows of a
 * claim are matched as words are: the longest front of the signature wins. */
#include "analyzer/cli/client_words.h"

#define VIEWS(...)                                                                                                     \
	.views = (const struct client_view[]){__VA_ARGS__},                                                            \
	.view_count = sizeof((const struct client_view[]){__VA_ARGS__}) / sizeof(struct client_view)

#define AGREES CLIENT_AGREES
#define LESS CLIENT_SAYS_LESS
#define MORE CLIENT_SAYS_MORE
#define MISLEADS CLIENT_MISLEADS

/* A client that refuses a certificate: the alerts it may send for it, and all the ways in which clients leave. */
#define REFUSES(...)                                                                                                   \
	VIEWS(__VA_ARGS__, {"client-flight/alert/encrypted", MORE, "in TLS 1.3 the alert that says so is encrypted"},  \
	      {"client-flight/closed", MORE,                                                                           \
	       "the client left without an alert, so the wire does not show the reason"},                              \
	      {"client-flight/reset", MORE, "the client reset the connection, so the wire does not show the reason"},  \
	      {"client-flight/abandoned", MORE,                                                                        \
	       "the client left without an alert, so the wire does not show the reason"},                              \
	      {"established", MORE,                                                                                    \
	       "the handshake succeeded: the client looked at the certificate only then, and left in order"},          \
	      {"finished/abandoned", MORE, "the client looked at the certificate only behind its Finished"},           \
	      {"application/abandoned", MORE, "the client looked at the certificate only after the handshake"},        \
	      {"client-flight/alert", LESS, "the alert that the client sent has another name for it: stacks differ"},  \
	      {"server-flight/alert", LESS, "the client sent its alert before the server's flight was complete"},      \
	      {"finished/alert", MISLEADS,                                                                             \
	       "it is the server that refused, and what it refused is the client's certificate"})

#define LEFT                                                                                                           \
	{                                                                                                              \
		"any/abandoned", MORE, "the client left without an alert, so the wire does not show the reason"        \
	}
#define LATE_HANDSHAKE "TCP had been connected: what was late is the handshake, which curl counts as connecting"

const struct client_claim client_claims[CLAIMS] = {
	[CLAIM_ADDRESS] = {"address", "The name has no address",
			   "The name could not be resolved. No connection was tried, so there is no packet of one: "
			   "look for DNS (udp port 53) instead.",
			   .views = NULL},
	[CLAIM_REFUSED] = {"refused", "Connection refused",
			   "The system reported ECONNREFUSED: a RST answered the SYN, or an ICMP error that counts as "
			   "one. Who sent it, the host or a firewall in its name, the words do not say.",
			   VIEWS({"tcp/refused", AGREES, NULL},
				 {"tcp/unreachable/port", MISLEADS,
				  "the refusal came by ICMP, from a packet filter, not from the port itself"},
				 {"tcp/unreachable", MISLEADS, "the refusal came by ICMP, not from the port itself"},
				 {"tcp/reset/injected", MISLEADS, "the RST came from the path, not from the server"},
				 {"tcp/reset", LESS, NULL})},
	[CLAIM_CANNOT_CONNECT] =
		{"cannot-connect", "Could not connect",
		 "TCP was not established. Refused, unreachable or never answered: these words alone do not say.",
		 VIEWS({"tcp/refused", LESS, NULL}, {"tcp/timeout", LESS, NULL}, {"tcp/unreachable", LESS, NULL},
		       {"tcp/half-open", LESS, NULL}, {"tcp/reset", LESS, NULL}, {"tcp/closed", LESS, NULL},
		       {"tcp/abandoned", LESS, NULL}),
		 .general = true},
	[CLAIM_UNREACHABLE] =
		{"unreachable", "Host or network unreachable",
		 "The system reported EHOSTUNREACH or ENETUNREACH: an ICMP error came back, or the client's own host "
		 "has no route, in which case no packet left it at all.",
		 VIEWS({"tcp/unreachable/host", AGREES, NULL}, {"tcp/unreachable/net", AGREES, NULL},
		       {"tcp/unreachable/admin-prohibited", MISLEADS,
			"a packet filter refused by policy and said so: routing works"},
		       {"tcp/unreachable/port", MISLEADS, "a packet filter refused the port with ICMP: routing works"},
		       {"tcp/unreachable/ttl-exceeded", MISLEADS,
			"the packets went round until their TTL was used up: a routing loop"},
		       {"any/unreachable", LESS, NULL},
		       {"tcp/timeout", MISLEADS,
			"no ICMP error came: the client's own host gave up, for want of a neighbour or a route"})},
	[CLAIM_PROHIBITED] = {"prohibited", "Permission denied",
			      "The system reported EACCES or EPERM for a connection: a prohibiting route or a rule of "
			      "the client's own firewall, or an ICMP error that says administratively prohibited.",
			      VIEWS({"tcp/unreachable/admin-prohibited", AGREES, NULL},
				    {"any/unreachable/reject-route", AGREES, NULL}, {"any/unreachable", LESS, NULL})},
	[CLAIM_PROTOCOL_UNREACHABLE] =
		{"protocol-unreachable", "Protocol not available",
		 "The system reported ENOPROTOOPT, which for a connection means ICMP protocol unreachable.",
		 VIEWS({"tcp/unreachable/protocol", MISLEADS,
			"an ICMP error says protocol unreachable: a packet filter's way to refuse"},
		       {"any/unreachable", LESS, NULL})},
	[CLAIM_CONNECT_TIMEOUT] =
		{"connect-timeout", "Connecting timed out",
		 "The client was not connected within its patience. Whether nothing came back, or something that was "
		 "not taken, the words do not say; and to curl connecting includes the TLS handshake.",
		 VIEWS({"tcp/timeout", AGREES, NULL},
		       {"tcp/half-open", MISLEADS, "answers did come back; the client's own end did not take them"},
		       {"tcp/unreachable", LESS, "an ICMP error said why, and the client did not pass it on"},
		       {"server-hello/timeout", MISLEADS, LATE_HANDSHAKE},
		       {"client-hello/lost", MISLEADS, LATE_HANDSHAKE},
		       {"server-flight/lost", MISLEADS, LATE_HANDSHAKE}, {"any/timeout", MISLEADS, LATE_HANDSHAKE},
		       {"any/lost", MISLEADS, LATE_HANDSHAKE}, {"tcp/reset", LESS, NULL},
		       {"any/unreachable", LESS, "an ICMP error said why, and the client did not pass it on"})},
	[CLAIM_HANDSHAKE_TIMEOUT] =
		{"handshake-timeout", "The handshake timed out",
		 "TCP was established, the handshake was not done within the client's patience. Which message was "
		 "missing, and whether it was sent and lost, the words do not say.",
		 VIEWS({"server-hello/timeout", LESS, NULL}, {"client-hello/lost", LESS, NULL},
		       {"server-flight/lost", LESS, NULL}, {"server-flight/timeout", LESS, NULL},
		       {"finished/timeout", LESS, NULL}, {"any/lost", LESS, "messages were sent and lost on the way"},
		       {"any/timeout", LESS, "the other end stayed silent"}, {"any/unreachable", LESS, NULL},
		       {"tcp/timeout", MISLEADS, "TCP itself was never established"})},
	[CLAIM_TIMEOUT] = {"timeout", "Timed out",
			   "The client's patience ended. The words do not say at which point: connecting, in the "
			   "handshake, or waiting for the answer.",
			   VIEWS({"tcp/timeout", LESS, NULL}, {"server-hello/timeout", LESS, NULL},
				 {"client-hello/lost", LESS, NULL}, {"server-flight/lost/mtu", LESS, NULL},
				 {"application/timeout", LESS, NULL},
				 {"any/timeout", LESS, "the other end stayed silent"},
				 {"any/lost", LESS, "packets were sent and lost on the way"},
				 {"client-hello/refused", MISLEADS, "the server did answer, and said no"},
				 {"tcp/reset", MISLEADS, "answers did come; the client's own end reset them"},
				 {"client-hello/closed", LESS, "the client itself had not sent its ClientHello"},
				 {"tcp/half-open", LESS,
				  "answers did come back; the client's own end did not take them"},
				 {"any/unreachable", LESS, "an ICMP error said why, and the client did not pass it on"},
				 {"established", LESS, "the handshake succeeded: what was late came after it"}),
			   .general = true},
	[CLAIM_RESET] = {"reset", "Connection reset by peer",
			 "The system reported ECONNRESET: a packet with the RST flag came. The words do not say at "
			 "which point, and not who sent it: a RST carries the peer's address, whoever forges it.",
			 VIEWS({"server-hello/reset", LESS, NULL},
			       {"any/reset/injected", MISLEADS, "the reset came from the path, not from the peer"},
			       {"client-hello/reset", LESS, NULL}, {"server-flight/reset", LESS, NULL},
			       {"finished/reset", LESS, NULL}, {"application/reset", LESS, NULL},
			       {"any/reset", LESS, NULL},
			       {"any/closed", MISLEADS,
				"the peer closed with FIN; its reset came only for what the client still sent"},
			       {"any/alert", MISLEADS,
				"an alert came first, and the reset behind it hid it from the client"},
			       {"client-hello/not-tls", LESS, "the server reset what it could not read"},
			       {"client-hello/refused", LESS, NULL},
			       {"server-hello/not-tls", MISLEADS,
				"the peer answered something that is not TLS, and then reset"},
			       {"any/malformed", MISLEADS, "the peer sent bytes that break TLS, and then reset"},
			       {"tcp/refused", MISLEADS, "the RST answered the SYN: nothing listens there"},
			       {"established", LESS, "the handshake had succeeded before"})},
	[CLAIM_BROKEN_PIPE] =
		{"broken-pipe", "Broken pipe",
		 "The client wrote to a connection that had been closed or reset before: the first error went unread.",
		 VIEWS({"application/reset", LESS, NULL}, {"application/closed", LESS, NULL},
		       {"any/closed", LESS, "the peer had closed before"},
		       {"any/reset", LESS, "the peer had reset the connection before"},
		       {"any/reset/injected", MISLEADS, "the reset came from the path, not from the peer"},
		       {"any/alert", MISLEADS, "an alert came first; the client wrote before it read it"},
		       {"established", LESS, "the handshake had succeeded before"})},
	[CLAIM_EOF] = {"eof", "The connection was closed without a word",
		       "The peer's FIN came where TLS data was due, with no alert before it. Whether the peer was the "
		       "server or a device in its place, and why, the words do not say.",
		       VIEWS({"server-hello/closed", LESS, NULL}, {"client-hello/closed", LESS, NULL},
			     {"server-flight/closed", LESS, NULL}, {"finished/closed", LESS, NULL},
			     {"application/closed", LESS, NULL}, {"any/closed", LESS, NULL},
			     {"any/reset/injected", MISLEADS,
			      "a reset that came from the path ended it, not the peer's FIN"},
			     {"any/reset", MISLEADS, "the peer did not close: it reset the connection"},
			     {"server-hello/malformed", LESS, "a ServerHello began and was cut off"},
			     {"any/malformed", LESS, NULL}, {"server-hello/not-tls", LESS, NULL},
			     {"client-hello/not-tls", LESS, "the client itself did not speak TLS"},
			     {"client-hello/refused", LESS, NULL},
			     {"any/timeout", LESS, "the peer had first been silent for long"},
			     {"any/alert", MISLEADS, "an alert came before the end"}, {"tcp/closed", LESS, NULL},
			     {"established", LESS, "the handshake succeeded: only the closing alert was missing"})},
	[CLAIM_CLOSE_NOTIFY] =
		{"close-notify", "The peer closed in order",
		 "The peer's alert close_notify came: it ended the TLS connection on purpose and in order.",
		 VIEWS({"server-hello/alert/close_notify", AGREES, NULL}, {"any/alert/close_notify", AGREES, NULL},
		       {"any/alert/encrypted", MORE, NULL}, {"application/closed", AGREES, NULL},
		       {"any/closed", LESS, "a FIN without close_notify came"}, {"established", LESS, NULL})},
	[CLAIM_EMPTY_REPLY] =
		{"empty-reply", "No answer before the end",
		 "The connection ended before a byte of the answer came. With https the handshake had been done.",
		 VIEWS({"application/closed", AGREES, NULL}, {"application/timeout", LESS, NULL},
		       {"application/reset", LESS, NULL},
		       {"finished/alert", MISLEADS, "the server refused the client's flight with an alert"},
		       {"application/alert", MISLEADS, "an alert ended it"}, {"finished/closed", LESS, NULL},
		       {"client-hello/not-tls", LESS, "the client spoke plain HTTP to a TLS port"},
		       {"client-hello/closed", LESS, NULL},
		       {"established", LESS, "the handshake succeeded, and the server then closed"})},
	[CLAIM_HANDSHAKE_FAILED] = {"handshake-failed", "The TLS handshake failed",
				    "Something between the ClientHello and Finished went wrong; the words around it "
				    "say more, these do not.",
				    VIEWS({"server-hello", LESS, NULL}, {"server-flight", LESS, NULL},
					  {"client-flight", LESS, NULL}, {"finished", LESS, NULL},
					  {"client-hello", LESS, NULL}),
				    .general = true},
	[CLAIM_NOT_TLS] = {"not-tls", "The answer is not TLS",
			   "The first bytes of the answer are no TLS record. Words such as wrong version number or "
			   "record too long are about these bytes: the TLS version has nothing to do with it.",
			   VIEWS({"server-hello/not-tls", MISLEADS,
				  "the answer is not TLS at all: another protocol's bytes stand where a record's "
				  "version and length are read"},
				 {"any/malformed", LESS, "the bytes claim to be TLS, and break its framing"},
				 {"server-flight/not-tls", LESS, NULL}, {"any/not-tls", LESS, NULL},
				 {"client-hello/refused", LESS, "the server said no, in clear"},
				 {"server-hello/alert/protocol_version", LESS, NULL},
				 {"server-flight/alert/protocol_version", LESS,
				  "the client itself refused the version that the server chose"},
				 {"client-hello/alert", LESS, NULL},
				 {"client-hello/not-tls", LESS, "the client itself does not speak TLS"},
				 {"any/alert/unexpected_message", LESS, "a message came that has no place there"},
				 LEFT)},
	[CLAIM_PLAIN_HTTP_REFUSED] = {"plain-http", "Plain HTTP was sent to a TLS port",
				      "The server took the bytes for HTTP in clear and says that this port wants TLS.",
				      VIEWS({"client-hello/not-tls/http", AGREES, NULL},
					    {"client-hello/not-tls", AGREES, NULL},
					    {"established", LESS,
					     "TLS was established: another device behind it complains"})},
	[CLAIM_STARTTLS_REFUSED] = {"starttls-refused", "The server does not do TLS here",
				    "In the protocol that comes before TLS the server refused it, or did not offer it. "
				    "A device on the way can strip the offer.",
				    VIEWS({"client-hello/refused", AGREES, NULL}, {"client-hello/closed", LESS, NULL},
					  {"client-hello/timeout", LESS, NULL})},
	[CLAIM_PROXY_REFUSED] = {"proxy-refused", "The proxy refused the tunnel",
				 "The proxy answered CONNECT, or what SOCKS has in its place, with an error. TLS never "
				 "began; the server "
				 "was perhaps never asked.",
				 VIEWS({"client-hello/refused/connect", AGREES, NULL},
				       {"client-hello/refused", AGREES, NULL})},
	[CLAIM_ANY_ALERT] = {"alert", "A fatal alert came",
			     "The peer ended the handshake with a fatal alert; these words do not say which.",
			     VIEWS({"server-hello/alert", LESS, NULL}, {"finished/alert/encrypted", LESS, NULL},
				   {"finished/alert", LESS, NULL}, {"application/alert", LESS, NULL},
				   {"any/alert", LESS, NULL}),
			     .general = true},
	[CLAIM_NO_COMMON_GROUND] = {"no-common-ground", "No common version, cipher or parameter",
				    "Client and server found nothing that both accept. Which of version, cipher suite, "
				    "group or signature algorithm it was, the words do not say.",
				    VIEWS({"server-hello/alert/handshake_failure", AGREES, NULL},
					  {"server-hello/alert/protocol_version", AGREES, NULL},
					  {"server-hello/alert/insufficient_security", AGREES, NULL},
					  {"server-flight/alert", LESS, NULL}, {"server-hello/alert", LESS, NULL},
					  {"client-flight/alert/handshake_failure", LESS, NULL},
					  {"server-hello/closed", LESS, NULL}, LEFT)},
	[CLAIM_OWN_VERSIONS] = {"version-refused", "The client refuses the version",
				"The client's own settings do not allow the version that the server chose, or leave no "
				"version to offer. In the second case no packet is sent.",
				VIEWS({"server-flight/alert/protocol_version", AGREES, NULL},
				      {"client-flight/alert/protocol_version", AGREES, NULL},
				      {"server-hello/alert/protocol_version", MISLEADS,
				       "it was the server that refused, with an alert"},
				      {"server-flight/alert", LESS, NULL}, {"client-flight/alert", LESS, NULL},
				      {"server-hello/not-tls", MISLEADS, "the answer is not TLS at all"},
				      {"server-hello/malformed", LESS, NULL}, {"any/malformed", LESS, NULL}, LEFT)},
	[CLAIM_RETRY_NEEDED] = {"key-share", "No suitable key share",
				"The client and the server did not agree on a group for the key exchange, or the key "
				"share that came is wrong.",
				VIEWS({"server-flight/alert/illegal_parameter", AGREES, NULL},
				      {"server-flight/alert/missing_extension", AGREES, NULL},
				      {"server-hello/alert/handshake_failure", LESS, NULL},
				      {"server-flight/alert", LESS, NULL}, {"client-flight/alert", LESS, NULL},
				      {"server-hello/alert", LESS, NULL}, LEFT)},
	[CLAIM_SERVER_CHOICE] =
		{"server-choice", "The server's answer breaks the rules",
		 "The client refuses what the server chose or sent: a cipher suite, version, extension or session that "
		 "was not offered. Words as these are about a faulty server, or a device that rewrites TLS.",
		 VIEWS({"server-flight/alert/illegal_parameter", AGREES, NULL},
		       {"client-flight/alert/illegal_parameter", AGREES, NULL},
		       {"server-flight/alert/unsupported_extension", AGREES, NULL}, {"server-flight/alert", LESS, NULL},
		       {"client-flight/alert", LESS, NULL}, {"server-hello/alert", LESS, NULL},
		       {"any/malformed", LESS, NULL},
		       {"server-flight/closed", MORE, "the client left without an alert"}, LEFT)},
	[CLAIM_RENEGOTIATION] = {"legacy-renegotiation", "The server cannot renegotiate securely",
				 "The server does not know RFC 5746, and OpenSSL 3 refuses such servers unless "
				 "UnsafeLegacyServerConnect is set.",
				 VIEWS({"server-flight/alert/handshake_failure", AGREES, NULL},
				       {"client-flight/alert/handshake_failure", AGREES, NULL},
				       {"server-flight/alert", LESS, NULL}, {"client-flight/alert", LESS, NULL})},
	[CLAIM_WEAK_DH] = {"weak-key-exchange", "The key exchange is too weak",
			   "The server's Diffie-Hellman or elliptic curve key is below the client's security level.",
			   REFUSES({"client-flight/alert/handshake_failure", AGREES, NULL},
				   {"client-flight/alert/insufficient_security", AGREES, NULL},
				   {"server-flight/alert/handshake_failure", AGREES, NULL})},
	[CLAIM_UNKNOWN_ISSUER] =
		{"unknown-issuer", "The certificate's issuer is not known",
		 "No path leads from the server's certificate to an issuer that this client trusts: the issuer is "
		 "missing in its trust store, or the server does not send its intermediates.",
		 REFUSES({"client-flight/alert/unknown_ca", AGREES, NULL},
			 {"client-flight/alert/certificate_unknown", AGREES, NULL},
			 {"client-flight/alert/bad_certificate", AGREES, NULL})},
	[CLAIM_SELF_SIGNED] = {"self-signed", "A self-signed certificate",
			       "The server's certificate, or the root that it sends along, is signed by itself and is "
			       "not in the client's trust store.",
			       REFUSES({"client-flight/alert/unknown_ca", AGREES, NULL},
				       {"client-flight/alert/bad_certificate", AGREES, NULL},
				       {"client-flight/alert/certificate_unknown", AGREES, NULL})},
	[CLAIM_EXPIRED] = {"expired", "A certificate has expired",
			   "A certificate of the chain, or a CRL that the client checks, is past its date, by the "
			   "client's clock.",
			   REFUSES({"client-flight/alert/certificate_expired", AGREES, NULL},
				   {"client-flight/alert/certificate_unknown", AGREES, NULL},
				   {"client-flight/alert/bad_certificate", AGREES, NULL})},
	[CLAIM_NOT_YET_VALID] =
		{"not-yet-valid", "A certificate is not valid yet",
		 "A certificate of the chain begins in the future, by the client's clock: mostly the clock is wrong.",
		 REFUSES({"client-flight/alert/bad_certificate", AGREES, NULL},
			 {"client-flight/alert/certificate_expired", AGREES, NULL},
			 {"client-flight/alert/certificate_unknown", AGREES, NULL})},
	[CLAIM_HOST_NAME] = {"host-name", "The certificate is for another name",
			     "The name that the client asked for is not in the certificate's subjectAltName. Many "
			     "clients look at it only after the handshake.",
			     REFUSES({"client-flight/alert/bad_certificate", AGREES, NULL},
				     {"client-flight/alert/certificate_unknown", AGREES, NULL})},
	[CLAIM_PINNED] =
		{"pinned-key", "The certificate is not the one that the client has pinned",
		 "The client knows which key or certificate the server must have, and another one came: renewed "
		 "with a new key, or reissued by an inspecting proxy. Clients look at it after the rest of the "
		 "certificate, many only after the handshake.",
		 REFUSES({"client-flight/alert/bad_certificate", AGREES, NULL},
			 {"client-flight/alert/certificate_unknown", AGREES, NULL},
			 {"client-flight/alert/unknown_ca", LESS, NULL})},
	[CLAIM_REVOKED] = {"revoked", "The certificate is revoked",
			   "A CRL or an OCSP answer says that the certificate was revoked, or none could be had.",
			   REFUSES({"client-flight/alert/certificate_revoked", AGREES, NULL},
				   {"client-flight/alert/bad_certificate", AGREES, NULL},
				   {"client-flight/alert/certificate_unknown", AGREES, NULL},
				   {"client-flight/alert/unknown_ca", LESS, NULL})},
	[CLAIM_STAPLE] =
		{"ocsp-staple", "The OCSP staple is missing or bad",
		 "The client demands an OCSP answer with the certificate, and none came, or one that does not suit.",
		 REFUSES({"client-flight/alert/bad_certificate_status_response", AGREES, NULL},
			 {"client-flight/alert/certificate_revoked", AGREES, NULL},
			 {"client-flight/alert/bad_certificate", AGREES, NULL},
			 {"client-flight/alert/certificate_unknown", LESS, NULL})},
	[CLAIM_PURPOSE] = {"purpose", "The certificate is for another purpose",
			   "Key usage or extended key usage of the certificate do not allow what it is used for.",
			   REFUSES({"client-flight/alert/unsupported_certificate", AGREES, NULL},
				   {"client-flight/alert/bad_certificate", AGREES, NULL},
				   {"client-flight/alert/certificate_unknown", AGREES, NULL},
				   {"client-flight/alert/illegal_parameter", AGREES, NULL})},
	[CLAIM_WEAK_CERTIFICATE] = {"weak-certificate", "Key or hash of the certificate is too weak",
				    "A certificate's key is too short for the client's security level, or its "
				    "signature uses SHA-1 or MD5.",
				    REFUSES({"client-flight/alert/bad_certificate", AGREES, NULL},
					    {"client-flight/alert/insufficient_security", AGREES, NULL},
					    {"client-flight/alert/handshake_failure", AGREES, NULL},
					    {"client-flight/alert/certificate_unknown", AGREES, NULL})},
	[CLAIM_CHAIN] = {"chain", "The chain breaks a rule",
			 "A certificate of the chain may not issue the next one, or has a constraint or critical "
			 "extension that forbids it.",
			 REFUSES({"client-flight/alert/unknown_ca", AGREES, NULL},
				 {"client-flight/alert/bad_certificate", AGREES, NULL},
				 {"client-flight/alert/certificate_unknown", AGREES, NULL})},
	[CLAIM_CERTIFICATE] =
		{"certificate", "The certificate was not accepted",
		 "The client refused the server's certificate; which check failed, these words do not say.",
		 REFUSES({"client-flight/alert/certificate_unknown", AGREES, NULL},
			 {"client-flight/alert/unknown_ca", AGREES, NULL},
			 {"client-flight/alert/bad_certificate", AGREES, NULL},
			 {"client-flight/alert/certificate_expired", AGREES, NULL},
			 {"client-flight/alert/certificate_revoked", AGREES, NULL},
			 {"client-flight/alert/unsupported_certificate", AGREES, NULL}),
		 .general = true},
	[CLAIM_SIGNATURE] = {"signature", "A signature does not verify",
			     "The signature over the key exchange, or one within the chain, is wrong: key and "
			     "certificate of the server do not belong together, or something altered the handshake.",
			     REFUSES({"client-flight/alert/decrypt_error", AGREES, NULL},
				     {"client-flight/alert/illegal_parameter", AGREES, NULL},
				     {"client-flight/alert/bad_certificate", AGREES, NULL})},
	[CLAIM_DECRYPTION] = {"decryption", "A record could not be decrypted",
			      "A record's authentication failed: bytes were changed on the way, or the keys of the two "
			      "sides differ.",
			      VIEWS({"client-flight/alert/bad_record_mac", AGREES, NULL},
				    {"any/alert/bad_record_mac", AGREES, NULL},
				    {"any/alert/encrypted", MORE, "in TLS 1.3 the alert that says so is encrypted"},
				    {"any/alert/decrypt_error", AGREES, NULL}, {"any/alert", LESS, NULL},
				    {"any/closed", MORE, NULL}, {"any/malformed", LESS, NULL},
				    {"established", MORE, "the handshake succeeded: it was later data"}, LEFT)},
	[CLAIM_UNEXPECTED_MESSAGE] = {"unexpected-message", "A message out of order",
				      "A handshake message or record came that has no place there.",
				      VIEWS({"server-flight/alert/unexpected_message", AGREES, NULL},
					    {"server-hello/alert/unexpected_message", AGREES, NULL},
					    {"any/alert/unexpected_message", AGREES, NULL},
					    {"server-hello/malformed", LESS, NULL}, {"any/malformed", LESS, NULL},
					    {"server-hello/not-tls", MISLEADS, "the answer is not TLS at all"},
					    {"any/alert", LESS, NULL}, {"any/alert/encrypted", MORE, NULL}, LEFT)},
	[CLAIM_BROKEN_MESSAGE] = {"broken-message", "A message or record is malformed",
				  "Lengths or contents of what came do not add up: a faulty stack, or something that "
				  "alters or drops data.",
				  VIEWS({"server-hello/malformed", AGREES, NULL}, {"any/malformed", AGREES, NULL},
					{"server-flight/alert/decode_error", AGREES, NULL},
					{"any/alert/decode_error", AGREES, NULL},
					{"any/alert/record_overflow", AGREES, NULL},
					{"any/alert/illegal_parameter", AGREES, NULL}, {"any/alert", LESS, NULL},
					{"server-hello/not-tls", MISLEADS, "the answer is not TLS at all"},
					{"server-hello/closed", LESS, NULL}, LEFT)},
	[CLAIM_CLIENT_CERTIFICATE] =
		{"client-certificate", "The server did not take the client certificate",
		 "The server asked for a client certificate and got none, or one that it does not accept.",
		 VIEWS({"finished/alert/certificate_required", AGREES, NULL},
		       {"finished/alert/handshake_failure", AGREES, NULL},
		       {"finished/alert/bad_certificate", AGREES, NULL}, {"finished/alert", AGREES, NULL},
		       {"application/alert", AGREES, NULL},
		       {"finished/alert/encrypted", MORE, "in TLS 1.3 the alert that says so is encrypted"},
		       {"application/alert/encrypted", MORE, "in TLS 1.3 the alert that says so is encrypted"},
		       {"finished/closed", MORE, NULL})},
	[CLAIM_ALPN] = {"alpn", "No common application protocol", "ALPN: client and server have no protocol in common.",
			VIEWS({"server-hello/alert/no_application_protocol", AGREES, NULL},
			      {"any/alert/no_application_protocol", AGREES, NULL},
			      {"established", MORE,
			       "the handshake succeeded: the client minded the protocol afterwards"},
			      {"any/alert", LESS, NULL})},
	[CLAIM_TRUST_FILE] =
		{"trust-file", "The client's own certificate files cannot be used",
		 "The client could not read its trust store, certificate or key. Mostly no packet was sent.",
		 .views = NULL},
};
