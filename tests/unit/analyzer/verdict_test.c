/* verdict_test.c: each rule of the verdict has a row: the packets of one connection as a script, and what must be said.
 *
 * A script is words, one packet or group of packets each: `>` from the client, `<` from the server, then
 *     S S. . F. R …         a bare segment with tcpdump's flags
 *     icmp=TYPE/CODE        an ICMP error about that end's last packet
 *     ch  ch=N              a ClientHello, padded to N bytes, in segments of 1460
 *     sh12 sh13 retry       a ServerHello, a HelloRetryRequest
 *     cert done             Certificate and ServerHelloDone of TLS 1.2
 *     flight12 flight13     a whole server's flight; resume12: ServerHello, ChangeCipherSpec and Finished
 *     cke fin12 fin13       the client's flight of TLS 1.2; ChangeCipherSpec and Finished of either
 *     tickets               two records of one length: NewSessionTickets of TLS 1.3
 *     data=N                an application_data record whose body has N bytes; dataN times over: more of them
 *     alert=L/D             an alert in clear;  encalert=N: one of N bytes behind ChangeCipherSpec
 *     text=…                bytes in clear, _ for a space and ~ for CR LF
 *     hex=…                 bytes
 *     prelogin=N            what SQL Server and its clients say first: that of encryption (MS-TDS 2.2.6.5) is N
 *     again  first          that end's last packet once more; the first of its last group
 *     copy                  that end's last packet as another interface of the same router saw it
 * and behind a comma what is special: ch=N (of a SYN: a ClientHello comes with it), lost, unseen (=N: only that one of
 * several), forged, ttl=N, id=N, ahead=N, stale=N (its acknowledgment is N bytes old), closed (a window of 0), tds=TYPE
 * (in packets of SQL Server's protocol, of 500 bytes). Words without a side: connect, wait=MS, icmp=TYPE/CODE (about
 * the client's last packet), swap (the last two packets), snap=N (at its beginning: no packet was captured beyond N
 * bytes).
 */
#include "analyzer/tlsdiag.h"

#include "tests/unit/suite.h"
#include "tests/unit/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
	const char *script;
	const char *verdict; /* the signature, or the outcome's name */
	const char *by;
	bool inferred;
};

static const struct row rows[] = {
	/* ---- tcp ---- */
	{">S wait=1000 >again wait=1000 >again", "tcp/timeout", "unknown", false},
	{">S wait=500", "incomplete", "", false},
	{">S <R.", "tcp/refused", "server", false},
	{">S <R.,ttl=200", "tcp/refused", "server", false},
	{">S wait=1000 >again <R.", "tcp/refused", "server", false},
	{">S icmp=3/0", "tcp/unreachable/net", "network", false},
	{">S icmp=3/1", "tcp/unreachable/host", "network", false},
	{">S icmp=3/3", "tcp/unreachable/port", "network", false},
	{">S icmp=3/10", "tcp/unreachable/admin-prohibited", "network", false},
	{">S icmp=3/13", "tcp/unreachable/admin-prohibited", "network", false},
	{">S icmp=11/0", "tcp/unreachable/ttl-exceeded", "network", false},
	{">S <S. wait=1000 <again wait=2000 <again", "tcp/half-open", "unknown", false},
	{">S <S. wait=10 <again", "incomplete", "", false}, /* perhaps captured twice */
	{">S <S. >R", "tcp/reset", "client", false},
	{">S,ch=400 <R.", "tcp/refused", "server", false},
	{">S,ch=400 icmp=3/13", "tcp/unreachable/admin-prohibited", "network", false},
	{">S,ch=400 wait=1000 >again wait=1000 >again wait=1000", "tcp/timeout", "unknown", false},
	{">S <S. <R.", "tcp/reset", "server", false},
	{">S <S. <R. swap", "tcp/reset", "server", false},
	/* Nobody refuses and accepts one and the same SYN. */
	{">S <R.,forged <S. >R", "tcp/reset/injected", "network", false},
	{">S <R. wait=500 >again <S. >. >ch <. wait=2500 >F.", "server-hello/timeout", "server", false},
	/* An older connection of the same ports is reset, and the SYN repeated. */
	{">S,forged <.,forged,stale=5000 >R,forged wait=1000 >S wait=1500", "tcp/timeout", "unknown", false},
	{">S,forged <.,forged,stale=5000 >R,forged wait=1000 >S <S. >. >ch <. wait=2500 >F.", "server-hello/timeout",
	 "server", false},
	/* ---- client-hello ---- */
	{"connect <R.", "client-hello/reset", "server", false},
	{"connect wait=300 <R.", "client-hello/reset", "server", false},
	{"connect wait=3000 <R.", "client-hello/timeout", "client", false},
	{"connect wait=3000 <R.,ttl=200", "client-hello/reset/injected", "network", false},
	{"connect >ch,lost wait=200 >again,lost wait=400 >again,lost wait=900 <R.", "client-hello/reset", "server",
	 false},
	{"connect <F.", "client-hello/closed", "server", false},
	{"connect <F. >ch,lost", "client-hello/closed", "server", false},
	{"connect <F. >ch,lost wait=200 >again,lost wait=400 >again,lost", "client-hello/closed", "server", false},
	{"connect wait=30000 <F. >F.", "client-hello/timeout", "client", false},
	{"connect wait=30000 <alert=1/0 <F. >F.", "client-hello/timeout", "client", false},
	{"connect wait=30000 <alert=2/80 <F. >F.", "client-hello/alert/internal_error", "server", false},
	{"connect >ch <flight12 >. wait=30000 <alert=1/0 <F. >F.", "client-flight/timeout", "client", false},
	{"connect >ch <flight12 >. wait=30 <alert=1/0 <F. >F.", "client-flight/alert/close_notify", "server", false},
	{"connect >F. <F. >.", "client-hello/abandoned", "client", false},
	{"connect >R.", "client-hello/abandoned", "client", false},
	{"connect >R", "client-hello/abandoned", "client", false},
	/* A device on the path resets the server in the client's name. */
	{"connect >R,forged,ttl=40", "client-hello/reset/injected", "network", false},
	{"connect wait=3000 >F.", "client-hello/closed", "client", false},
	{"connect wait=2000", "client-hello/timeout", "client", false},
	/* A SYN proxy: its window stays closed until it has a server, whose packets have another TTL. */
	{">S <S.,closed >. wait=2500", "client-hello/timeout", "server", false},
	{">S <S.,closed,ttl=200 >. <R.", "client-hello/reset", "server", false},
	{">S <S.,closed,ttl=200 <copy >. <R.", "client-hello/reset", "server", false},
	{">S <S.,closed,ttl=200 >. <. >ch <. <R.,forged,ttl=90", "server-hello/reset/injected", "network", false},
	{"connect wait=200", "incomplete", "", false},
	{"connect >text=GET_/_HTTP/1.1~Host:_a~~ <alert=2/10 <F.", "client-hello/not-tls/http", "client", false},
	{"connect >text=GET_/_HTTP/1.1~~ "
	 "<text=HTTP/1.1_400_Bad_Request~~<html>The_plain_HTTP_request_was_sent_to_HTTPS_port</html> "
	 "<F.",
	 "client-hello/not-tls/http", "client", false},
	{"connect >ch,lost wait=200 >again,lost wait=400 >again,lost wait=800 >again,lost", "client-hello/lost",
	 "network", false},
	{"connect >ch,lost wait=200 >again,lost wait=400 >again,lost wait=1500 >F.,lost", "client-hello/lost",
	 "network", false},
	/* At the server's end: what never came, the client's own sequence numbers tell. */
	{"connect >ch,lost,unseen wait=4000 <F. >.", "client-hello/lost", "network", true},
	{"connect >ch,lost,unseen wait=4000 >F. <.", "client-hello/lost", "network", true},
	{"connect >ch,lost,unseen wait=4000 >F.", "incomplete", "", false},
	{"connect >ch,unseen wait=4000 >F. <.", "incomplete", "", false},
	{"connect >ch=1700,lost=1,unseen=1 <. wait=4000 <F. >.", "client-hello/lost/mtu", "network", false},
	{"connect >ch=1700,lost=1,unseen=1 <. wait=4000", "client-hello/lost/mtu", "network", false},
	{"connect >ch=1700,lost=2,unseen=2 <. wait=4000 <F. >.", "client-hello/lost/partial", "network", true},
	{"connect wait=4000 <F. >F. <.", "client-hello/timeout", "client", false},
	/* At the client's end a part of it is missing from the capture, and another is sent in vain. */
	{"connect >ch=1700,lost=1,unseen=2 <. wait=200 >first,lost wait=400 >first,lost wait=3000 <F. >.",
	 "client-hello/lost/mtu", "network", false},
	{"connect >ch=1700,lost=1 <. wait=200 >first wait=400 >first wait=800 >first", "client-hello/lost/mtu",
	 "network", false},
	/* The short second segment got no answer either. */
	{"connect >ch=1700,lost wait=200 >first,lost wait=400 >first,lost wait=800 >first,lost", "client-hello/lost",
	 "network", false},
	{"connect >ch=1700,lost=2 <. wait=200 >again,lost wait=400 >again,lost wait=800 >again,lost",
	 "client-hello/lost/partial", "network", false},
	{"connect <text=220_mail_ESMTP~ >text=EHLO_me~ <text=250-mail~250_STARTTLS~ >text=STARTTLS~ <text=454_not_now~ "
	 ">F. <F.",
	 "client-hello/refused/smtp", "server", false},
	{"connect >hex=0000000804d2162f <text=N >F. <F.", "client-hello/refused/postgres", "server", false},
	{"connect >text=CONNECT_a:443_HTTP/1.1~~ <text=HTTP/1.1_403_Forbidden~~ <F. >F.",
	 "client-hello/refused/connect", "server", false},
	{"connect >text=CONNECT_a:443_HTTP/1.1~~ <text=HTTP/1.1_200_OK~~ <F. >F.", "client-hello/closed", "server",
	 false},
	{"connect >hex=0000000804d2162f <text=N >hex=00000008000300007573657200 >F. <F.",
	 "client-hello/refused/postgres", "server", false},
	/* Asked again, with credentials. */
	{"connect >text=CONNECT_a:443_HTTP/1.1~~ <text=HTTP/1.1_407_Authenticate~Content-Length:_0~~ "
	 ">text=CONNECT_a:443_HTTP/1.1~~ <. wait=5000 >F.",
	 "client-hello/timeout", "server", false},
	{"connect >text=CONNECT_a:443_HTTP/1.1~~ <text=HTTP/1.1_407_Authenticate~Content-Length:_0~~ "
	 ">text=CONNECT_a:443_HTTP/1.1~~ <. <F. >F.",
	 "client-hello/closed", "server", false},
	{"connect >text=CONNECT_a:443_HTTP/1.1~~ <text=HTTP/1.1_407_Authenticate~Content-Length:_0~~ "
	 ">text=CONNECT_a:443_HTTP/1.1~~ <text=HTTP/1.1_403_Forbidden~~ <F. >F.",
	 "client-hello/refused/connect", "server", false},
	{"connect >text=CONNECT_a:443_HTTP/1.1~~ <text=HTTP/1.1_407_Authenticate~Content-Length:_0~~ "
	 ">text=CONNECT_a:443_HTTP/1.1~~,unseen <text=HTTP/1.1_200_OK~~ >ch <flight13 >fin13 <tickets >F.",
	 "established", "", true},
	{"connect >text=CONNECT_a:443_HTTP/1.1~~ <text=HTTP/1.1_407_Authenticate~Content-Length:_0~~ "
	 ">text=CONNECT_a:443_HTTP/1.1~~ <hex=485454502f312e312032303020204f4b0d0a0d0a,unseen >ch <flight13 >fin13 <. "
	 ">F.",
	 "incomplete", "", false},
	/* A server that expects no PROXY header takes it for a bad request. */
	{"connect >text=PROXY_TCP4_192.0.2.1_203.0.113.9_5555_443~ <text=HTTP/1.1_400_Bad_Request~~ <F. >ch <R",
	 "client-hello/not-tls/proxy", "client", false},
	{"connect >text=PROXY_TCP4_192.0.2.1_203.0.113.9_5555_80~ <text=HTTP/1.1_400_Bad_Request~~ <F. >F.", "not-tls",
	 "", false},
	{"connect >text=PROXY_TCP4_192.0.2.1_203.0.113.9_5555_80~GET_/_HTTP/1.1~~ <text=HTTP/1.1_200_OK~~ <F. >F.",
	 "not-tls", "", false},
	{"connect >text=PROXY_TCP4_192.0.2.1_203.0.113.9_5555_80~ >text=GET_/_HTTP/1.1~~ <text=HTTP/1.1_200_OK~~ <F. "
	 ">F.",
	 "not-tls", "", false},
	{"connect >hex=0000000804d2162f <text=HTTP/1.1_400_Bad_Request~~ >F. <F.", "client-hello/not-tls/http",
	 "server", false},
	{"connect <text=220_mail_ESMTP~ >text=EHLO_me~ <text=250-mail~250_XXXXXXXA~ >text=QUIT~ <F. >F.",
	 "client-hello/refused/smtp", "network", false},
	/* SQL Server carries the handshake in packets of its own. */
	{"connect >prelogin=1,tds=18 <prelogin=1,tds=4 >ch,tds=18 <flight12,tds=18 >cke,tds=18 <fin12,tds=18 >data=200 "
	 "<data=300 >F. <F.",
	 "established", "", false},
	{"connect >prelogin=1,tds=18 <prelogin=1,tds=4 >ch,tds=18 <flight12,tds=4 >cke,tds=18 <fin12,tds=4 >data=200 "
	 "<data=300 >F. <F.",
	 "established", "", false},
	/* The login alone is encrypted. */
	{"connect >prelogin=0,tds=18 <prelogin=0,tds=4 >ch,tds=18 <flight12,tds=18 >cke,tds=18 <fin12,tds=18 >data=200 "
	 "<hex=ad360001070000,tds=4 >hex=5300450045,tds=1 <hex=fd10,tds=4 >F. <F.",
	 "established", "", false},
	{"connect >prelogin=0,tds=18 <prelogin=0,tds=4 >ch,tds=18 <flight12,tds=18 >cke,tds=18 <fin12,tds=18 >data=200 "
	 "<. wait=3000 >F.",
	 "application/timeout", "server", false},
	{"connect >prelogin=1,tds=18 <prelogin=2,tds=4 >F. <F.", "client-hello/refused/mssql", "server", false},
	{"connect >prelogin=0,tds=18 <prelogin=2,tds=4 >hex=00,tds=16 <hex=ad36,tds=4 >F. <F.", "not-tls", "", false},
	{"connect >prelogin=2,tds=18 <prelogin=2,tds=4 >hex=00,tds=16 <hex=ad36,tds=4 >F. <F.", "not-tls", "", false},
	{"connect >prelogin=2,tds=18 <prelogin=3,tds=4 >F. <F.", "client-hello/not-tls/mssql", "client", false},
	{"connect >prelogin=1,tds=18 wait=3000 >F.", "client-hello/timeout", "server", false},
	{"connect >prelogin=1,tds=18 <prelogin=1,tds=4 >ch,tds=18 <R.", "server-hello/reset", "server", false},
	{"connect >prelogin=1,tds=18 <prelogin=3,tds=4 >ch,tds=18 <F. >F.", "server-hello/closed", "server", false},
	{"connect >prelogin=1,tds=18 <prelogin=1,tds=4 >ch,tds=18 <alert=2/70,tds=18 <F.",
	 "server-hello/alert/protocol_version", "server", false},
	{"connect >prelogin=1,tds=18 <prelogin=1,tds=4 >ch,tds=18 <hex=aa1200010000,tds=4 <F.",
	 "server-hello/not-tls/mssql", "server", false},
	{"connect >prelogin=1,tds=18 <prelogin=1,tds=4 >ch,tds=18 <flight12,tds=18 >F. <F.", "client-flight/closed",
	 "client", false},
	{"connect >prelogin=1,tds=18 <prelogin=1,tds=4 >ch,tds=18 <flight12,tds=18 >alert=2/48,tds=18 >F. <F.",
	 "client-flight/alert/unknown_ca", "client", false},
	/* Plain TLS, as TDS 8.0 has it, to a server that does not know it; it waits for PRELOGIN. */
	{"connect >ch <. wait=3000 >F.", "server-hello/timeout", "server", false},
	{"connect >hex=0000000804d2162f wait=2000 >F.", "client-hello/timeout", "server", false},
	{"connect <text=220_mail_ESMTP~ >text=EHLO_me~ <text=250-mail~250_STARTTLS~ >text=STARTTLS~ <text=454_not_now~ "
	 ">ch <. wait=2000 "
	 "<F. >F.",
	 "client-hello/refused/smtp", "server", false},
	{"connect <text=*_OK_hi~ >text=._STARTTLS~ <. wait=2000 <F. >ch <R", "client-hello/closed", "server", false},
	{"connect <text=220_mail_ESMTP~ >text=EHLO_me~ <text=250-mail~250_SIZE~ >F. <F.", "client-hello/refused/smtp",
	 "server", true},
	/* ---- server-hello ---- */
	{"connect >ch <. <R.", "server-hello/reset", "server", false},
	{"connect >ch <R.", "server-hello/reset", "server", false},
	{"connect >ch <R", "server-hello/reset", "server", false},
	{"connect >ch <. <R.,ttl=200", "server-hello/reset/injected", "network", false},
	{"connect >ch <R,forged,ttl=40", "server-hello/reset/injected", "network", false},
	{"connect >ch <R.,forged,unseen <. >R", "incomplete", "", false},
	{"connect >ch <R.,forged <flight12 >R", "server-hello/reset/injected", "network", false},
	{"connect >ch <. <R.,forged >R.", "server-hello/reset", "server", false},
	{"connect >ch <R.,forged,id=40000 <.", "server-hello/reset/injected", "network", false},
	{"connect >ch <. <R. swap", "server-hello/reset", "server", false},
	/* Captured at two places: copies of what came before the reset come behind it. */
	{"connect >ch <.,id=0 <R.,id=0 <.,id=0,forged <.,id=0,forged", "server-hello/reset", "server", false},
	{"connect >ch <.,id=0 <R.,id=0,forged wait=200 <.,id=0,forged <.,id=0,forged", "server-hello/reset/injected",
	 "network", false},
	/* Of two copies one is not in the capture: the other's TTL is known from copies before. */
	{">S <S. <copy >. >ch <. <R.,ttl=62", "server-hello/reset", "server", false},
	{"connect >ch <R.,forged,ahead=1460 <R.,forged,ahead=4380", "server-hello/reset/injected", "network", false},
	/* Beyond the client's window nobody minds it (RFC 9293 section 3.10.7.4). */
	{"connect >ch <R.,forged,ahead=5000000", "incomplete", "", false},
	{"connect >ch <R.,forged,ahead=5000000 <. wait=2500 >F.", "server-hello/timeout", "server", false},
	{"connect >ch <. <F.", "server-hello/closed", "server", false},
	{"connect >ch <. <F. >alert=2/80 >F.", "server-hello/closed", "server", false},
	{"connect >ch <. wait=2500 >F.", "server-hello/timeout", "server", false},
	{"connect >ch <. wait=2500 >R.", "server-hello/timeout", "server", false},
	{"connect >ch <. wait=2500", "server-hello/timeout", "server", false},
	{"connect >ch <. wait=100", "incomplete", "", false},
	{"connect >ch wait=2500", "incomplete", "", false},
	{"connect >ch <. wait=20 >F. <F.", "server-hello/abandoned", "client", false},
	/* curl --connect-timeout 1 */
	{"connect wait=3 >ch <. wait=990 >F. <F.", "server-hello/timeout", "server", false},
	{"connect wait=600 >ch <. wait=400 >F. <F.", "server-hello/abandoned", "client", false},
	/* Captured in front of the ClientHello that it answers, and behind a bare acknowledgment. */
	{"connect >ch <. swap <alert=2/80 swap <F.", "server-hello/alert/internal_error", "server", false},
	/* The client's acknowledgment of the alert in front of that. */
	{"connect >ch <alert=2/80 >. swap <F.", "server-hello/alert/internal_error", "server", false},
	/* A warning before the fatal alert. */
	{"connect >ch <alert=1/112 <alert=2/40 <F.", "server-hello/alert/handshake_failure", "server", false},
	{"connect >ch <alert=1/112 <F.", "server-hello/alert/unrecognized_name", "server", false},
	{"connect >ch <alert=2/40 <alert=1/0 <F.", "server-hello/alert/handshake_failure", "server", false},
	/* Behind a HelloRetryRequest it is the client's turn. */
	{"connect >ch <retry >. wait=5000 <F. >F.", "server-hello/timeout", "client", false},
	{"connect >ch <retry >. wait=5000", "server-hello/timeout", "client", false},
	{"connect >ch <retry >. <F. >F.", "server-hello/closed", "server", false},
	{"connect >ch <retry >ch <. wait=5000 >F.", "server-hello/timeout", "server", false},
	{"connect >ch <retry >ch,lost wait=200 >again,lost wait=400 >again,lost wait=800 >again,lost wait=1600 "
	 ">F.,lost",
	 "server-hello/lost", "network", false},
	/* The server resets because nothing that it sends is acknowledged. */
	{"connect >ch <sh12,lost wait=300 <again,lost wait=600 <again,lost wait=1200 <again,lost", "server-hello/lost",
	 "network", false},
	{"connect >ch <flight12,lost wait=300 <again,lost wait=600 <again,lost wait=1200 <again,lost",
	 "server-hello/lost", "network", false},
	{"connect >ch <flight12,lost wait=300 <again,lost wait=600 <again,lost wait=1200 <R.", "server-hello/lost",
	 "network", false},
	{"connect >ch <flight12,lost wait=300 <again,lost wait=300 <R.", "server-hello/reset", "server", false},
	{"connect >ch <text=HTTP/1.1_400_Bad_Request~~ <F.", "server-hello/not-tls/http", "server", false},
	{"connect >ch <text=SSH-2.0-OpenSSH_9.2~ >F.", "server-hello/not-tls/ssh", "server", false},
	/* Most such servers speak first: their greeting and the ClientHello cross, or the greeting came before it. */
	{"connect <text=SSH-2.0-OpenSSH_9.2~ >ch >F. <F.", "server-hello/not-tls/ssh", "server", false},
	{"connect <text=220_mail_ESMTP~ >ch <. >R.", "server-hello/not-tls/smtp", "server", false},
	{"connect <text=220_mail_ESMTP~ >ch >alert=2/70 >F. <text=500_what~ <F.", "server-hello/not-tls/smtp", "server",
	 false},
	{"connect <text=220_mail_ESMTP~ >ch <. wait=5000 >F.", "server-hello/not-tls/smtp", "server", false},
	{"connect <text=*_OK_IMAP4rev1_ready~ >ch <text=*_BAD_what~ <F.", "server-hello/not-tls/imap", "server", false},
	{"connect >ch <hex=16000002ff15042332383030304163636573732064656e696564 <F.", "server-hello/not-tls/mysql",
	 "server", false},
	{"connect >ch <hex=8003000001 <F.", "server-hello/malformed/sslv2", "server", false},
	{"connect >ch <hex=160303ffff00000000 >alert=2/22 >F.", "server-hello/malformed/record-oversize", "server",
	 false},
	{"connect >ch <hex=6303030004aaaaaaaa >alert=2/10 >F.", "server-hello/malformed/record-unknown", "server",
	 false},
	{"connect >ch <data=40 >alert=2/10 >F.", "server-hello/malformed/application-data-first", "server", false},
	{"connect >ch <hex=1603030000 <hex=1603030000 >alert=2/10 >F.", "server-hello/malformed/empty-records",
	 "server", false},
	{"connect >ch <ccs <ccs <ccs >alert=2/10 >F.", "server-hello/malformed/ccs-flood", "server", false},
	{"connect >ch <hex=160303007a0200007603030102 <F. >F.", "server-hello/malformed/hello-truncated", "server",
	 false},
	{"connect >ch <alert=2/70 <F. >F.", "server-hello/alert/protocol_version", "server", false},
	{"connect >ch <alert=2/40 <R.", "server-hello/alert/handshake_failure", "server", false},
	{"connect >ch <alert=2/255 <F.", "server-hello/alert/255", "server", false},
	{"connect >ch <alert=1/0 <F. >F.", "server-hello/alert/close_notify", "server", false},
	{"connect >ch <alert=1/112 <F. >F.", "server-hello/alert/unrecognized_name", "server", false},
	{"connect >ch <retry <R.", "server-hello/reset", "server", false},
	{"connect >ch <retry >ch <. wait=1500 >F.", "server-hello/timeout", "server", false},
	{"connect >ch <retry >alert=2/47 >F.", "server-hello/alert/illegal_parameter", "client", false},
	{"connect >ch icmp=3/13 wait=200 >again,lost wait=400 >again,lost >F.,lost",
	 "client-hello/unreachable/admin-prohibited", "network", false},
	{"connect >ch icmp=3/13 wait=200 >again <. <R.", "server-hello/reset", "server", false},
	/* What comes behind the error and takes nothing of it in is no answer. */
	{"connect >ch,lost icmp=3/13 wait=200 >again,lost wait=400 >again,lost wait=3000 <F. >.",
	 "client-hello/unreachable/admin-prohibited", "network", false},
	{"connect >ch,lost icmp=3/13 wait=200 >again <. wait=3000 >F.", "server-hello/timeout", "server", false},
	{"connect >ch <flight12,lost <icmp=3/13 wait=300 <again,lost wait=600 <again,lost wait=1200 <again,lost >F.",
	 "server-hello/unreachable/admin-prohibited", "network", false},
	{"connect >ch,lost wait=200 >again,lost wait=200 >again,lost", "incomplete", "", false},
	/* ---- server-flight ---- */
	{"connect >ch <sh12 >alert=2/47 >F.", "server-flight/alert/illegal_parameter", "client", false},
	{"connect >ch <sh12 >. <R.", "server-flight/reset", "server", false},
	{"connect >ch <sh12 >. <F.", "server-flight/closed", "server", false},
	{"connect >ch <sh12 <cert >. wait=2000 >F.", "server-flight/timeout", "server", false},
	{"connect >ch <sh13 >alert=2/47 >F.", "server-flight/alert/illegal_parameter", "client", false},
	{"connect >ch <sh13 >. <R.", "server-flight/reset", "server", false},
	{"connect >ch <sh13 <data=23 >. wait=2000 >F.", "server-flight/timeout", "server", false},
	/* EncryptedExtensions in a record of its own, here as long as a Finished: so comes the Finished, which is
	 * missing. */
	{"connect >ch <sh13 <data=23 <data=900 >. wait=3000 >F.", "server-flight/timeout", "server", false},
	{"connect >ch <sh13 <data=53 <data=900 >. wait=3000 >F.", "server-flight/timeout", "server", false},
	/* One record for all that the server says (NSS): whether it is all, its length does not tell. */
	{"connect >ch <sh13 <data=1200 >. wait=3000", "server-flight/timeout", "unknown", true},
	{"connect >ch <sh13 <data=1200 >. wait=3000 >F.", "server-flight/timeout", "unknown", true},
	{"connect >ch <sh13 <data=1200 >. wait=3000 <F.", "server-flight/timeout", "unknown", true},
	{"connect >ch <sh13 <data=1200 >. <F.", "server-flight/closed", "server", true},
	{"connect >ch <sh13 <data=1200 >. <R.", "server-flight/reset", "server", true},
	{"connect >ch <big12=900,lost=1 >. wait=300 <first,lost wait=600 <first,lost wait=1200 >F.",
	 "server-flight/lost/mtu", "network", false},
	{"connect >ch <big12=900,lost=1,unseen=1 >. wait=300 >. wait=2000 >F.", "server-flight/lost/mtu", "network",
	 false},
	{"connect >ch <sh12 <bigcert,lost=1 >. wait=300 <first,lost wait=600 <first,lost wait=1200 >F.",
	 "server-flight/lost/mtu", "network", false},
	{"connect >ch <sh12 <bigcert,lost=1,unseen=1 >. wait=300 >. wait=2000 >F.", "server-flight/lost/mtu", "network",
	 false},
	/* ---- client-flight ---- */
	{"connect >ch <flight12 >alert=2/48 >F.", "client-flight/alert/unknown_ca", "client", false},
	{"connect >ch <flight12 >alert=2/45 >R.", "client-flight/alert/certificate_expired", "client", false},
	{"connect >ch <flight12 >F.", "client-flight/closed", "client", false},
	{"connect >ch <flight12 >R.", "client-flight/reset", "client", false},
	{"connect >ch <flight12 >. wait=30000 <F.", "client-flight/timeout", "client", false},
	{"connect >ch <flight12 >. wait=30000 <R.", "client-flight/timeout", "client", false},
	{"connect >ch <flight12 >. wait=3000", "client-flight/timeout", "client", false},
	{"connect >ch <flight12 >. wait=20 <R.", "client-flight/reset", "server", false},
	{"connect >ch <flight13 >alert=2/48 >F.", "client-flight/alert/unknown_ca", "client", false},
	{"connect >ch <flight13 >data=19 >F.", "client-flight/alert/encrypted", "client", true},
	{"connect >ch <flight13 >ccs >data=35 >F.", "client-flight/alert/encrypted", "client", true},
	{"connect >ch <flight13 >F.", "client-flight/closed", "client", true},
	{"connect >ch <sh13 <data=2000 >. wait=5 >F.", "client-flight/closed", "client", true},
	/* Tickets in the server's first flight (Go, BoringSSL) follow its Finished. */
	{"connect >ch <flight13 <data=147 >. wait=3000", "client-flight/timeout", "client", true},
	{"connect >ch <flight13 <data=147 >. wait=3000 >F.", "client-flight/closed", "client", true},
	{"connect >ch <flight13 <data=147 >. <R.", "client-flight/reset", "server", true},
	{"connect >ch <flight13 >R.", "client-flight/reset", "client", true},
	{"connect >ch <flight13 >F. <data=19 >R", "client-flight/closed", "client", true},
	/* ---- finished ---- */
	{"connect >ch <flight12 >cke <alert=2/40 <F.", "finished/alert/handshake_failure", "server", false},
	{"connect >ch <flight12 >cke <. <R.", "finished/reset", "server", false},
	{"connect >ch <flight12 >cke <. <F.", "finished/closed", "server", false},
	{"connect >ch <flight12 >cke <. wait=3000 >F.", "finished/timeout", "server", false},
	{"connect >ch <flight13 >fin13 <data=19 <F.", "finished/alert/encrypted", "server", true},
	{"connect >ch <flight13 >fin13 >data=90 <data=19 <F.", "finished/alert/encrypted", "server", true},
	{"connect >ch <flight13 >data=25 >data=53 <data=19 <R.", "finished/alert/encrypted", "server", true},
	/* 35 bytes are an alert of JSSE's, whose Finished is padded as well; of another client they are a short
	 * request. */
	{"connect >ch <flight13 >fin13 >data=35 <data=19 <F.", "finished/alert/encrypted", "server", true},
	{"connect >ch <flight13 >data=25 >data=53 >data=35 <data=19 <R.", "finished/alert/encrypted", "server", true},
	{"connect >ch <flight13 >fin13 >data=35 <. <F.", "finished/closed", "server", true},
	{"connect >ch <flight13 >fin13 >data=35 <. <R.", "finished/reset", "server", true},
	{"connect >ch <flight13 >fin13 >data=35 <. wait=3000 >F.", "finished/timeout", "server", true},
	{"connect >ch <flight13 >fin13 >data=90 <. wait=3000 >F.", "finished/timeout", "server", true},
	{"connect >ch <flight13 >fin13 >data=90 <. <R.", "finished/reset", "server", true},
	{"connect >ch <flight13 >fin13 >data=90 <. <F.", "finished/closed", "server", true},
	{"connect >ch <flight12 >cke <fin12,lost wait=200 <again,lost wait=400 <again,lost wait=800 <again,lost",
	 "finished/lost", "network", false},
	{"connect >ch <flight13 >fin13 >data=90 <data=700,lost wait=200 <again,lost wait=400 <again,lost wait=800 "
	 "<again,lost",
	 "finished/lost", "network", true},
	{"connect >ch <flight13 >fin13 <tickets,lost wait=200 <again,lost wait=400 <again,lost wait=800 <again,lost",
	 "finished/lost", "network", true},
	{"connect >ch <flight13 >fin13 <tickets,lost wait=200 <again >. wait=3000", "established", "", true},
	/* ---- application ---- */
	{"connect >ch <flight12 >cke <fin12 >data=90 <. <R.", "application/reset", "server", false},
	{"connect >ch <flight12 >cke <fin12 >data=90 <. <F.", "application/closed", "server", false},
	{"connect >ch <flight12 >cke <fin12 >data=90 <. wait=3000 >F.", "application/timeout", "server", false},
	{"connect >ch <flight12 >cke <fin12 >data=90,lost wait=300 >again,lost wait=600 >again,lost wait=1200 "
	 ">again,lost",
	 "application/lost", "network", false},
	{"connect >ch <flight12 >cke <fin12 >data=1455,lost wait=300 >again,lost wait=600 >again,lost wait=1200 "
	 ">again,lost",
	 "application/lost/mtu", "network", false},
	{"connect >ch <flight12 >cke <fin12 >data=90,lost wait=300 >again,lost wait=600 >again,lost wait=1200 "
	 ">again,lost icmp=3/1 wait=1500",
	 "application/unreachable/host", "network", false},
	{"connect >ch <flight12 >cke <fin12 >data=90,lost icmp=3/1 wait=300 >again,lost wait=600 >again,lost wait=1200 "
	 ">again,lost",
	 "application/unreachable/host", "network", false},
	{"connect >ch <flight12 >cke <fin12 >data=90 icmp=3/1 wait=100 <. wait=3000", "established", "", false},
	{"connect >ch <flight12 >cke <fin12 >data=90,lost wait=300 >again >F.", "established", "", false},
	{"connect >ch <flight13 >fin13 >data=90 <tickets <R.", "application/reset", "server", true},
	{"connect >ch <flight13 >fin13 >data=90 <data=250 <data=250 <R.", "application/reset", "server", true},
	{"connect >ch <flight13 >fin13 >data=90 <tickets <F.", "application/closed", "server", true},
	{"connect >ch <flight13 >fin13 >data=35 <tickets <R.", "application/reset", "server", true},
	{"connect >ch <flight13 >fin13 >data=35 <tickets <. wait=3000 >F.", "application/timeout", "server", true},
	{"connect >ch <flight13 >fin13 >data=90 <. wait=3000 >data=19 >F.", "finished/timeout", "server", true},
	{"connect >ch <flight12 >cke <fin12 >data=90 <. wait=1200 <R.,ttl=255", "application/reset/injected", "network",
	 false},
	/* What the server had on its way is met by the client's host, which knows of no connection any more. */
	{"connect >ch <flight13 >fin13 >data=90 <R.,forged,ttl=40 <data=250 >R", "finished/reset/injected", "network",
	 true},
	{"connect >ch <flight12 >cke <fin12 >data=90 <R.,forged,ttl=40 <data=900 >R", "application/reset/injected",
	 "network", false},
	{"connect >ch <flight13 >fin13 >data=90 <R.,forged,ttl=40 <tickets >. wait=100 <data=900 >F. <F.",
	 "established", "", true},
	/* ---- healthy ---- */
	{"connect >ch <flight12 >cke <fin12 >data=90 <. wait=2000 >encalert=26 >F. <encalert=26 <F.", "established", "",
	 false},
	{"connect >ch <flight13 >fin13 >data=90 <tickets <data=900 <F.", "established", "", true},
	{"connect >ch <flight13 >fin13 >data=90 <data=40 >data=90 <data=40 <F.", "established", "", true},
	{"connect >ch <flight13 >fin13 >data=90 <tickets <data=19 <F.", "established", "", true},
	{"connect >ch <flight13 >fin13 <tickets >data=90 <data=900 wait=9000 <R.", "established", "", true},
	{"connect >ch <flight12 >cke <fin12 >data=90 <data=900 >encalert=26 >F. <F.", "established", "", false},
	{"connect >ch <flight12 >cke <fin12 >encalert=26 >F. <F.", "established", "", false},
	{"connect >ch <flight12 >cke <fin12 >F. <F.", "established", "", false},
	{"connect >ch <flight12 >cke <fin12 >data=90 <encalert=26 <F. >F.", "established", "", false},
	{"connect >ch <flight12 >cke <fin12 <data=50 >data=60 wait=60000 <R.", "established", "", false},
	{"connect >ch <resume12 >fin12 >data=90 <data=900 >F. <F.", "established", "", false},
	{"connect >ch <resume12 >fin12 <. >encalert=26 >F. <F.", "established", "", true},
	/* The client, which is gone, had the server's Finished before it took its leave. */
	{"connect >ch <resume12 >fin12 >encalert=26 >F. <. <data=200 >R", "established", "", false},
	{"connect >ch <resume12 >fin12 >data=90 <. >R.", "established", "", true},
	{"connect >ch <resume12 >fin12 <. >R.", "established", "", true},
	{"connect >ch <resume12 >fin12 <. >R.,forged,ttl=40", "finished/reset/injected", "network", false},
	{"connect >ch <flight13 >fin13 >data=90 <data=250 <data=250 <data=900 >data=19 >F. <data=19 <F. >R.",
	 "established", "", true},
	{"connect >ch <flight13 >fin13 <data=250 >data=19 >F. <F.", "established", "", true},
	{"connect >ch <flight13 >fin13 <. >data=19 >F. <data=19 <F. >R", "established", "", true},
	{"connect >ch <flight13 >data=69 <. >data=35 >F. <F. >R", "established", "", true}, /* JSSE's */
	{"connect >ch <flight13 >fin13 >data=90 <data=35 <F.", "established", "", true}, /* short, no tickets */
	{"connect >ch <flight13 >fin13 <. >F. <data=19 <F. >R", "established", "", true},
	{"connect >ch <retry >ccs >ch <flight13 >fin13 >data=90 <data=900 >F.", "established", "", true},
	{"connect >ch <alert=1/112 <flight12 >cke <fin12 >data=90 <data=900 >F.", "established", "", false},
	{"connect >ch=1700 <flight12 >cke <fin12 >data=90 <data=900 >F. <F.", "established", "", false},
	{"connect >ch <R.,forged,ttl=40 <flight12 >cke <fin12 >data=90 <data=900 >F. <F.", "established", "", false},
	{">S,lost wait=1000 >again <S. >. >ch <flight12 >cke <fin12 >data=90 <data=900 >F.", "established", "", false},
	{"connect >ch,lost wait=200 >again <. <flight12 >cke <fin12 >data=90 <data=900 >F.", "established", "", false},
	{">S,forged <.,forged,stale=5000 >R,forged wait=1900 >S <S. >. wait=300 >ch <flight12 >cke <fin12 >data=90 "
	 "<data=900 >F.",
	 "established", "", false},
	/* Both ends open at once (RFC 9293 section 3.5). */
	{">S,lost <S,lost >S. <S. >ch <flight12 >cke <fin12 >data=90 <data=900 >F. <F.", "established", "", false},
	{">S <S. swap >. >ch <flight12 >cke <fin12 >data=90 <data=900 >F.", "established", "", false},
	{"connect <text=220_mail_ESMTP~ >text=EHLO_me~ <text=250-mail~250_STARTTLS~ >text=STARTTLS~ <text=220_go~ >ch "
	 "<flight12 "
	 ">cke <fin12 >data=90 <data=90 >F. <F.",
	 "established", "", false},
	{"connect >hex=0000000804d2162f <text=S >ch <flight12 >cke <fin12 >data=90 <data=90 >F.", "established", "",
	 false},
	/* The answer is a record of which only the beginning came before the client left. */
	{"connect wait=500 >ch <flight12 >cke <fin12 wait=500 >data=90 <. wait=600 <hex=1703034000aabbccddee >R.",
	 "established", "", false},
	{"connect wait=500 >ch <flight12 >cke <fin12 >data=90 <. wait=200 <hex=1703034000aabbccddee wait=1500 >R.",
	 "established", "", false},
	/* syslog: the message, the client's leave, tickets that cross it, and the server leaves as well. */
	{"connect >ch <flight13 >fin13 >data=300 >data=19 <data=250 <data=250 >. <F. >F.", "established", "", true},
	{"connect >ch <flight13 >fin13 >data=300 >data=19 <data=250 <data=250 >. <R.", "established", "", true},
	{"connect >ch <flight13 >fin13 >data=300 >F. <tickets >. <F. >.", "established", "", true},
	{"connect >ch <flight13 >fin13 >data=300 <tickets >. <F. >.", "application/closed", "server", true},
	/* syslog: nothing is ever answered, until the server restarts. */
	{"connect >ch <flight12 >cke <fin12 >data=90 <. wait=3000 >data=120 <. wait=2000 >data=80 <. wait=500 <R.",
	 "established", "", false},
	{"connect >ch <flight12 >cke <fin12 >data=90 <. wait=300 >data=120 <. wait=2000 <R.", "application/reset",
	 "server", false},
	/* ---- not TLS ---- */
	{"connect >text=GET_/_HTTP/1.1~Host:_a~~ <text=HTTP/1.1_200_OK~Content-Length:_0~~ >F. <F.", "not-tls", "",
	 false},
	{"connect <text=SSH-2.0-OpenSSH_9.2~ >text=SSH-2.0-PuTTY~ >F. <F.", "not-tls", "", false},
	{"connect <text=220_mail_ESMTP~ >text=QUIT~ <text=221_bye~ <F. >F.", "not-tls", "", false},
	/* SSL 2.0 on both sides; with an offer of TLS 1.0 it is the server that is too old. */
	{"connect >hex=801c010002000300000010010080aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa <hex=8003000001 >F. <F.", "not-tls",
	 "", false},
	{"connect >hex=801c010301000300000010010080aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa <hex=8003000001 >F. <F.",
	 "server-hello/malformed/sslv2", "server", false},
	/* MySQL without TLS: a client that logs in all the same, and one that leaves. */
	{"connect "
	 "<hex="
	 "2e0000000a352e312e3430000100000011223344556677880000f70202000000000000000000000000000000112233445566778811223"
	 "34400 "
	 ">hex=2000000185a203000000000000000000000000000000000000000000000000000000000000 <hex=0700000200000002000000 "
	 ">F. <F.",
	 "not-tls", "", false},
	{"connect "
	 "<hex="
	 "2e0000000a352e312e3430000100000011223344556677880000f70202000000000000000000000000000000112233445566778811223"
	 "34400 "
	 ">F. <F.",
	 "client-hello/refused/mysql", "server", true},
	/* ---- captured in another order than it happened ---- */
	{"connect >ch <. <F. >. >alert=2/50 swap >F.", "server-hello/closed", "server", false},
	{"connect >ch <flight12 >cke <alert=2/40 swap <F. >F.", "finished/alert/handshake_failure", "server", false},
	/* A reset that the capture has before what its sender said last. */
	{"connect >ch <flight12 >cke <alert=2/48 <R. swap", "finished/alert/unknown_ca", "server", false},
	{"connect >ch <flight12 >. >alert=2/48 >R. swap", "client-flight/alert/unknown_ca", "client", false},
	{"connect >ch <flight13 >fin13 <data=19 <R. swap", "finished/alert/encrypted", "server", true},
	{"connect >ch <flight13 >fin13 >R. swap", "finished/abandoned", "client", true},
	/* rustls sends its ChangeCipherSpec ahead, which the capture lacks here: what follows was sent behind the
	 * server's flight. */
	{"connect >ch <sh13 >ccs,unseen <ccs <data=27 <data=900 <data=96 <data=53 >. >data=53 <. >data=35 <. wait=4000 "
	 ">data=19 >F. <.",
	 "incomplete", "", false},
	/* A client's close_notify acknowledges the Finished that the capture has behind it. */
	{"connect >ch <flight12 >cke <fin12 >encalert=26 swap >F.", "established", "", false},
	/* The server's answer is not in the capture, but acknowledged, and its FIN stands behind it. */
	{"connect >hex=0000000804d2162f <. <hex=4e,unseen >. >F. <F. >.", "incomplete", "", false},
	/* Joined behind a HelloRetryRequest: that the client's second ClientHello follows its ChangeCipherSpec
	 * tells. */
	{">S,unseen <S.,unseen >.,unseen >ch,unseen <retry,unseen >ccs >ch <. <ccs >. <R.", "server-hello/reset",
	 "server", true},
	{">S,unseen <S.,unseen >.,unseen >ch,unseen <retry,unseen >ccs,unseen >ch <. <ccs >. <R.", "server-hello/reset",
	 "server", true},
	{">S,ch=400 <S. swap >. <flight12 >cke <fin12 >data=90 <data=900 >F.", "established", "", false},
	/* ---- a last word before the other end's ---- */
	/* NSS checks the certificate while the handshake goes on. */
	{"connect >ch <flight12 >cke >encalert=26 <fin12 >R.", "application/alert/encrypted", "client", true},
	{"connect >ch <flight12 >cke <fin12 >encalert=26 >F. <F.", "established", "", false},
	/* ---- lost, as the rest of the packets show ---- */
	/* The wait for an answer begins when the ClientHello has arrived. */
	{"connect >ch,lost wait=800 >again,lost wait=1600 >again wait=1 <. wait=5 >F. <F.", "server-hello/abandoned",
	 "client", false},
	{"connect >ch <flight13 >fin13 <tickets >data=90 <data=900,lost wait=300 <again,lost wait=600 <again,lost "
	 "wait=1200 "
	 "<again,lost >F.",
	 "application/lost", "network", true},
	{"connect >ch <flight13 >fin13 <tickets >data=90 <data=900,lost wait=300 <again", "established", "", true},
	{"connect >ch <. <sh13,lost wait=300 <again,lost wait=600 <again,lost wait=1200 <again,lost",
	 "server-hello/lost", "network", false},
	{"connect >ch <. <flight13,lost,unseen wait=3000 >F. <.", "server-hello/lost", "network", true},
	/* At the server's end: the client has had the answer and reset the connection, and that was lost; to the repeat
	 * its host answers that it knows of no connection. */
	{"connect >ch <flight12 >cke <fin12 >data=90 <data=900,lost wait=200 <again >R", "established", "", false},
	{"connect >ch <flight13 >fin13 <tickets >data=90 <data=900,lost wait=200 <again >R", "established", "", true},
	{"connect >ch <flight12 >cke <fin12,lost wait=200 <again >R", "finished/lost", "network", false},
	{"connect >ch <flight12 >cke <fin12 >data=90 <data=900,lost wait=200 <again,lost wait=400 <again,lost wait=800 "
	 "<again >R",
	 "application/lost/mtu", "network", false},
	/* ---- one packet is not in the capture, or not in its place ---- */
	{"connect >ch,unseen <. <flight12 >cke <alert=2/42 <F. >F.", "finished/alert/bad_certificate", "server", true},
	{"connect >ch <. <flight12,unseen >. >alert=2/48 >R.", "client-flight/alert/unknown_ca", "client", true},
	/* ---- the capture stops behind the client's leave ---- */
	{"connect >ch <flight13 >fin13 >F.", "incomplete", "", false},
	{"connect >ch <flight13 >fin13 >data=19 >F.", "incomplete", "", false},
	{"connect >ch <flight13 >fin13 >data=19 >F. <tickets <F.", "established", "", true},
	/* ---- a scanner's own kernel resets what it knows nothing of ---- */
	{">S,ttl=42 <S. >R,ttl=64", "tcp/reset", "client", false},
	/* ---- what ended it is not all there ---- */
	/* Packets that were cut short. */
	{"snap=96 connect >ch <flight12 >cke <alert=2/48 <F.", "finished/alert/unknown_ca", "server", true},
	{"snap=96 connect >ch <flight12 >cke <alert=2/40 <F.", "finished/alert/handshake_failure", "server", true},
	{"connect >ch <flight12 >cke,unseen <alert=2/40 <F.", "finished/alert/handshake_failure", "server", true},
	{"connect >ch <flight12 >alert=2/48,unseen <alert=2/40 <F.", "client-flight/alert/handshake_failure", "server",
	 true},
	{"connect >ch <alert=1/112 <flight12,unseen >alert=2/48 >F.", "client-flight/alert/unknown_ca", "client", true},
	{"snap=120 connect >text=PROXY_TCP4_192.0.2.1_203.0.113.9_55555_443~ >ch <alert=2/70 <F.",
	 "server-hello/alert/protocol_version", "server", false},
	{"snap=70 connect >text=GET_/index.html_HTTP/1.1~Host:_a~~ <alert=2/10 <F.", "client-hello/not-tls/http",
	 "client", false},
	{"snap=76 connect >text=PROXY_TCP4_192.0.2.1_203.0.113.9_55555_443~ >ch <alert=2/70 <F.",
	 "client-hello/alert/protocol_version", "server", true},
	/* The consent to a STARTTLS that is not in the capture is no greeting. */
	{">S,unseen <S.,unseen >.,unseen <text=220_go_ahead~ >ch <. <R.", "server-hello/reset", "server", true},
	{">S,unseen <S.,unseen >.,unseen <text=220_mail_ready_to_start_TLS~ >ch <. <R.", "server-hello/reset", "server",
	 true},
	{">S,unseen <S.,unseen >.,unseen <text=SSH-2.0-OpenSSH_9.2~ >ch <. >R.", "server-hello/not-tls/ssh", "server",
	 true},
	{">S,unseen <S.,unseen >.,unseen <text=*_OK_IMAP4rev1_ready~ >ch <. >R.", "server-hello/not-tls/imap", "server",
	 true},
	{">S,unseen <S.,unseen >.,unseen <hex=030000130ed00000123400021f080001000000 >ch <. <F.", "server-hello/closed",
	 "server", true},
	{">S,unseen <S.,unseen >.,unseen >ch,unseen <sh13 <hex=1703031000aabbccddeeff >R.", "incomplete", "", false},
	{">S,unseen <S.,unseen >.,unseen >text=GET_/_HTTP/1.1~Host:_a~~ "
	 "<text=HTTP/1.1_400_Bad_Request~~<html>The_plain_HTTP_request_was_sent_to_HTTPS_port</html> <F.",
	 "client-hello/not-tls/http", "client", true},
	{"connect >ch <. <F.,unseen >. >alert=2/50 >F.", "incomplete", "", false},
	{"connect >ch <flight12 >alert=2/48,unseen >R.", "incomplete", "", false},
	{"connect >ch <flight13 >fin13 <data=19,unseen <F. >F.", "incomplete", "", false},
	{"connect >ch,unseen <text=HTTP/1.1_400_Bad_Request~~ <F. >F.", "incomplete", "", false},
	{"connect >ch <.,unseen wait=2500 >F. <F.", "server-hello/timeout", "server", false},
	{"<F. >ch >alert=2/50 >F.", "incomplete", "", false},
	/* ---- not enough to say ---- */
	{"connect <text=220_mail_ESMTP~ >text=EHLO_me~ <text=250-mail~250_STARTTLS~", "incomplete", "", false},
	{"connect <text=220_mail_ESMTP~ >text=EHLO_me~ <text=250-mail~250_STARTTLS~ >text=MAIL_FROM:<a>~ <text=250_ok~",
	 "not-tls", "", false},
	{">data=90 <data=900 >data=90 <data=900", "incomplete", "", false},
	{"<R", "incomplete", "", false},
	{">S,unseen <S. wait=1000 <again wait=2000 <again", "incomplete", "", false},
	{">hex=00112233445566 <data=90 >data=90", "incomplete", "", false},
	{">ch <hex=00112233445566 >F. <F.", "incomplete", "", false},
	{"connect >text=CONNECT_a:443_HTTP/1.1~~ <text=HTTP/1.1_200_OK~~ >ch,unseen <sh12,unseen <. >. wait=20 >F.",
	 "incomplete", "", false},
	{">F. <F. >.", "incomplete", "", false},
	{">S <S.,unseen >. >ch <.,unseen <flight12,unseen >cke <fin12,unseen >data=90", "incomplete", "", false},
	{"connect >ch <flight12", "incomplete", "", false},
	{"connect >ch <flight12,lost wait=20 >F.", "incomplete", "", false},
};

/* ---- The script's interpreter ---- */

struct word {
	enum wire_side from;
	char item[600];
	const char *value; /* behind '=', "" without */
	struct wire_options options;
	unsigned fast_open; /* a ClientHello of so many bytes comes with the SYN */
	unsigned lost_segment, unseen_segment; /* only that one of several, from 1 */
	uint8_t tds; /* the type of the packets that carry it; 0: none does */
};

struct player {
	struct wire *w;
	size_t last[2], first[2]; /* packets of each side: the last, and the first of the last group */
};

static void set_option(struct word *word, char *option)
{
	char *value = strchr(option, '=');
	unsigned n = value ? (unsigned)strtoul(value + 1, NULL, 10) : 0;

	if (value)
		*value = '\0';
	if (strcmp(option, "lost") == 0)
		n ? (word->lost_segment = n) : (word->options.lost = true);
	else if (strcmp(option, "unseen") == 0)
		n ? (word->unseen_segment = n) : (word->options.unseen = true);
	else if (strcmp(option, "ch") == 0)
		word->fast_open = n;
	else if (strcmp(option, "forged") == 0)
		word->options.forged = true;
	else if (strcmp(option, "ttl") == 0)
		word->options.ttl = (uint8_t)n;
	else if (strcmp(option, "id") == 0)
		word->options.ip_id = WIRE_ID(n);
	else if (strcmp(option, "ahead") == 0)
		word->options.ahead = n;
	else if (strcmp(option, "closed") == 0)
		word->options.zero_window = true;
	else if (strcmp(option, "stale") == 0)
		word->options.ack_back = n;
	else if (strcmp(option, "tds") == 0)
		word->tds = (uint8_t)n;
	else
		CU_FAIL_FATAL("a word's option that the script language does not have");
}

static struct word parse_word(const char *text, size_t n)
{
	struct word word = {.value = ""};
	char *comma, *equals;

	if (*text == '<')
		word.from = SERVER;
	if (*text == '<' || *text == '>') {
		text++;
		n--;
	}
	snprintf(word.item, sizeof(word.item), "%.*s", (int)n, text);
	/* Texts hold commas of their own. */
	comma = strncmp(word.item, "text=", 5) == 0 ? NULL : strchr(word.item, ',');
	while (comma) {
		char *next = strchr(comma + 1, ',');

		*comma = '\0';
		if (next)
			*next = '\0';
		set_option(&word, comma + 1);
		if (next)
			*next = ',';
		comma = next;
	}
	equals = strchr(word.item, '=');
	if (equals)
		*equals = '\0';
	return word;
}

static struct wire_bytes from_hex(const char *hex)
{
	struct wire_bytes out = {0};

	for (; hex[0] && hex[1]; hex += 2) {
		char digits[3] = {hex[0], hex[1], 0};

		out.bytes[out.n++] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return out;
}

static struct wire_bytes prelogin(uint8_t encryption)
{
	struct wire_bytes out = from_hex("00000b0006"
					 "0100110001"
					 "ff"
					 "100007d00000");

	out.bytes[out.n++] = encryption;
	return out;
}

static struct wire_bytes in_tds(uint8_t type, const struct wire_bytes *bytes)
{
	const size_t most = 500;
	struct wire_bytes out = {0};

	for (size_t at = 0; at < bytes->n; at += most) {
		size_t n = bytes->n - at < most ? bytes->n - at : most;
		struct wire_bytes packet = {
			.n = 8 + n,
			.bytes = {type, bytes->n == at + n, (uint8_t)((8 + n) >> 8), (uint8_t)(8 + n), 0, 0, 1, 0}};

		memcpy(packet.bytes + 8, bytes->bytes + at, n);
		wire_append(&out, packet);
	}
	return out;
}

static struct wire_bytes from_text(const char *text)
{
	struct wire_bytes out = {0};

	for (; *text; text++) {
		if (*text == '~')
			out.bytes[out.n++] = '\r';
		out.bytes[out.n++] = (uint8_t)(*text == '_' ? ' ' : *text == '~' ? '\n' : *text);
	}
	return out;
}

static struct wire_bytes joined(size_t count, const struct wire_bytes *parts)
{
	struct wire_bytes out = parts[0];

	for (size_t i = 1; i < count; i++)
		wire_append(&out, parts[i]);
	return out;
}
#define JOINED(...)                                                                                                    \
	joined(sizeof((struct wire_bytes[]){__VA_ARGS__}) / sizeof(struct wire_bytes),                                 \
	       (struct wire_bytes[]){__VA_ARGS__})

#define TLS12 0x0303
#define ENCRYPTED_FINISHED wire_record(22, TLS12, 40)
#define SERVER_HELLO_12 wire_server_hello(TLS12, 0xc02f, false)
#define SERVER_HELLO_13 wire_server_hello(0x0304, 0x1301, false)
#define DONE wire_message(14, 0)

/* The bytes of an item; n is its number, if it has one. */
static struct wire_bytes bytes_of(const char *item, const char *value, unsigned n)
{
	unsigned description = strchr(value, '/') ? (unsigned)strtoul(strchr(value, '/') + 1, NULL, 10) : 0;

	if (strcmp(item, "ch") == 0)
		return wire_client_hello((struct wire_hello){.sni = "api.example.net", .size = n});
	if (strcmp(item, "sh12") == 0)
		return SERVER_HELLO_12;
	if (strcmp(item, "sh13") == 0)
		return SERVER_HELLO_13;
	if (strcmp(item, "retry") == 0)
		return wire_server_hello(0x0304, 0x1301, true);
	if (strcmp(item, "cert") == 0)
		return wire_certificate(800);
	if (strcmp(item, "bigcert") == 0)
		return JOINED(wire_certificate(2000), DONE);
	if (strcmp(item, "big12") == 0)
		return JOINED(SERVER_HELLO_12, wire_certificate(2000), DONE);
	if (strcmp(item, "flight12") == 0)
		return JOINED(SERVER_HELLO_12, wire_certificate(800), DONE);
	if (strcmp(item, "flight13") == 0)
		return JOINED(SERVER_HELLO_13, wire_change_cipher_spec(), wire_record(23, TLS12, 23),
			      wire_record(23, TLS12, 900), wire_record(23, TLS12, 96), wire_record(23, TLS12, 53));
	if (strcmp(item, "resume12") == 0)
		return JOINED(SERVER_HELLO_12, wire_change_cipher_spec(), ENCRYPTED_FINISHED);
	if (strcmp(item, "cke") == 0)
		return JOINED(wire_message(16, 66), wire_change_cipher_spec(), ENCRYPTED_FINISHED);
	if (strcmp(item, "fin12") == 0)
		return JOINED(wire_change_cipher_spec(), ENCRYPTED_FINISHED);
	if (strcmp(item, "fin13") == 0)
		return JOINED(wire_change_cipher_spec(), wire_record(23, TLS12, 53));
	if (strcmp(item, "tickets") == 0)
		return JOINED(wire_record(23, TLS12, 250), wire_record(23, TLS12, 250));
	if (strcmp(item, "ccs") == 0)
		return wire_change_cipher_spec();
	if (strcmp(item, "data") == 0)
		return wire_record(23, TLS12, n);
	if (strcmp(item, "encalert") == 0)
		return wire_record(21, TLS12, n);
	if (strcmp(item, "alert") == 0)
		return wire_alert((uint8_t)n, (uint8_t)description);
	if (strcmp(item, "text") == 0)
		return from_text(value);
	if (strcmp(item, "hex") == 0)
		return from_hex(value);
	if (strcmp(item, "prelogin") == 0)
		return prelogin((uint8_t)n);
	CU_FAIL_FATAL("an item that the script language does not have");
	return (struct wire_bytes){0};
}

static void play_bytes(struct player *p, const struct word *word, const struct wire_bytes *bytes)
{
	const size_t mss = 1460;
	unsigned segment = 0;

	for (size_t at = 0; at < bytes->n; at += mss) {
		struct wire_options options = word->options;

		options.payload = bytes->bytes + at;
		options.length = bytes->n - at < mss ? bytes->n - at : mss;
		segment++;
		options.lost = options.lost || segment == word->lost_segment;
		options.unseen = options.unseen || segment == word->unseen_segment;
		p->last[word->from] = wire_send(p->w, word->from, "P.", options);
		if (segment == 1)
			p->first[word->from] = p->last[word->from];
	}
}

static void play_repeat(struct player *p, const struct word *word, size_t packet)
{
	struct wire_end *peer = &p->w->end[!word->from], before = *peer;

	wire_repeat(p->w, packet);
	if (word->options.lost)
		*peer = before;
}

static void play_bare(struct player *p, struct word *word)
{
	struct wire_bytes hello;

	if (word->fast_open) {
		hello = wire_client_hello((struct wire_hello){.sni = "api.example.net", .size = word->fast_open});
		word->options.payload = hello.bytes;
		word->options.length = hello.n;
	}
	p->last[word->from] = wire_send(p->w, word->from, word->item, word->options);
}

static void play_word(struct player *p, struct word word)
{
	unsigned n = (unsigned)strtoul(word.value, NULL, 10);

	if (strcmp(word.item, "connect") == 0)
		wire_connect(p->w);
	else if (strcmp(word.item, "wait") == 0)
		wire_wait(p->w, n);
	else if (strcmp(word.item, "snap") == 0)
		p->w->snaplen = n;
	else if (strcmp(word.item, "swap") == 0)
		wire_swap(p->w);
	else if (strcmp(word.item, "icmp") == 0)
		wire_icmp(p->w, p->last[word.from], (uint8_t)n, (uint8_t)strtoul(strchr(word.value, '/') + 1, NULL, 10),
			  0);
	else if (strcmp(word.item, "again") == 0)
		play_repeat(p, &word, p->last[word.from]);
	else if (strcmp(word.item, "copy") == 0)
		wire_copy(p->w, p->last[word.from]);
	else if (strcmp(word.item, "first") == 0)
		play_repeat(p, &word, p->first[word.from]);
	else if (strchr("SFRP.", word.item[0]))
		play_bare(p, &word);
	else {
		struct wire_bytes bytes = bytes_of(word.item, word.value, n);

		if (word.tds)
			bytes = in_tds(word.tds, &bytes);
		play_bytes(p, &word, &bytes);
	}
}

static struct wire *play(const char *script)
{
	struct player p = {.w = wire_new(4)};

	for (const char *at = script; *at;) {
		size_t n = strcspn(at, " ");
		struct word word = parse_word(at, n);

		/* The value lies in the word itself, which was copied. */
		word.value = strchr(word.item, '\0') + 1;
		if (!memchr(at, '=', n))
			word.value = "";
		play_word(&p, word);
		at += n + strspn(at + n, " ");
	}
	return p.w;
}

/* ---- The test ---- */

struct told {
	unsigned verdicts;
	char verdict[80], by[16];
	bool inferred;
};

static void on_verdict(const struct tlsdiag_verdict *v, void *context)
{
	struct told *told = context;

	told->verdicts++;
	snprintf(told->verdict, sizeof(told->verdict), "%s",
		 *v->signature ? v->signature : tlsdiag_outcome_name(v->outcome));
	snprintf(told->by, sizeof(told->by), "%s", tlsdiag_party_name(v->by));
	told->inferred = v->certainty == TLSDIAG_INFERRED;
}

/* One second of another connection's packets at the end, so that the capture goes on after a final wait. */
static void give(const struct wire *w, struct told *told)
{
	struct tlsdiag *d = tlsdiag_new(NULL, on_verdict, told);
	static const uint8_t arp[42] = {[12] = 0x08, [13] = 0x06};
	struct tlsdiag_packet packet;

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	for (size_t i = 0; i < w->count; i++) {
		packet = (struct tlsdiag_packet){.frame = i + 1,
						 .time_ns = w->packets[i].time_ns,
						 .bytes = w->packets[i].bytes,
						 .captured = w->packets[i].captured,
						 .wire = w->packets[i].wire};
		tlsdiag_packet(d, WIRE_LINKTYPE, &packet);
	}
	packet = (struct tlsdiag_packet){.frame = w->count + 1,
					 .time_ns = w->now_ns,
					 .bytes = arp,
					 .captured = sizeof(arp),
					 .wire = sizeof(arp)};
	tlsdiag_packet(d, WIRE_LINKTYPE, &packet);
	tlsdiag_finish(d);
	tlsdiag_free(d);
}

static void check(const struct row *row)
{
	struct wire *w = play(row->script);
	struct told told = {0};

	give(w, &told);
	if (told.verdicts != 1 || strcmp(told.verdict, row->verdict) != 0 || strcmp(told.by, row->by) != 0 ||
	    told.inferred != row->inferred) {
		printf("# %s\n#   must be %s by %s%s, is %s by %s%s (%u verdicts)\n", row->script, row->verdict,
		       row->by, row->inferred ? ", inferred" : "", told.verdict, told.by,
		       told.inferred ? ", inferred" : "", told.verdicts);
		CU_FAIL("a verdict is wrong");
	}
	wire_free(w);
}

static void every_row(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i]);
}

const struct unit_test unit_tests[] = {
	{"every script gets its verdict", every_row},
	{NULL, NULL},
};
