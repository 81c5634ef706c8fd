/* words.c: what each signature means and what to check next. The one place that spells such words; text, JSON, HTML and
 * `explain` all read this table.
 *
 * A row's name is a signature or the front of one, in whole parts; its stage may be "any". The row that matches most
 * parts wins, and of two that match as many, the one that names the stage:
 *
 *     server-hello/alert/handshake_failure    has a row of its own
 *     server-hello/alert/decode_error         any/alert/decode_error, before server-hello/alert
 *     finished/malformed/bad-length           any/malformed
 *
 * Advice is ordered by how often it turns out to be the answer.
 */
#include "analyzer/tlsdiag.h"

#include <string.h>

#define CHECK(...) (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

static const struct tlsdiag_words table[] = {
	/* ---- The stages themselves ---- */
	{"tcp", "TCP was not established", "SYN, SYN-ACK and ACK were not all exchanged, so TLS never began.",
	 CHECK("Whether the server listens: ss -ltn on the server.",
	       "Whether SYNs reach it: capture at the server while the client tries.")},
	{"client-hello", "No ClientHello got through",
	 "TCP was established, but no whole ClientHello was sent and acknowledged.",
	 CHECK("Whether the client sends one at all, and whether a proxy or STARTTLS dialogue comes before it.",
	       "Whether large or fragmented ClientHellos pass the path: try from another network.")},
	{"server-hello", "No ServerHello came",
	 "The server has the whole ClientHello, but no whole ServerHello came back.",
	 CHECK("The server's own log for this client and time.",
	       "What the client offered against what the server accepts: versions, ciphers, groups, SNI, ALPN.")},
	{"server-flight", "The server's flight broke off",
	 "A ServerHello came, but not all that must follow it: Certificate, key exchange, ServerHelloDone or Finished.",
	 CHECK("Path MTU: certificates make this the first flight of full-size packets.",
	       "The client's alert, if it sent one: it refused the server's choice.")},
	{"client-flight", "The client did not answer the server's flight",
	 "The server's flight was complete, the client's answer up to its Finished was not. This is where a client "
	 "checks the certificate.",
	 CHECK("The client's own error text: it knows what it disliked.",
	       "The chain the server sends: openssl s_client -connect HOST:PORT -servername NAME -showcerts.")},
	{"finished", "The server did not accept the client's flight",
	 "The client sent its Finished, the server did not confirm it. This is where a server checks a client "
	 "certificate.",
	 CHECK("Whether the server asks for a client certificate, and whether the client has one it accepts.",
	       "The server's own log for this client and time.")},
	{"application", "Established, but the first request got no answer",
	 "The handshake succeeded; the first application data was never answered.",
	 CHECK("The server behind TLS: application, backend or upstream, and its time-outs.",
	       "In TLS 1.3 a refused client certificate can surface here: look for an alert.")},

	/* ---- tcp ---- */
	{"tcp/timeout", "SYN never answered",
	 "The client repeated its SYN and nothing came back. From this end a dropping firewall, a broken path and a "
	 "dead host look alike.",
	 CHECK("Firewalls and security groups on the way that drop silently, in both directions.",
	       "Whether the address is right and the host is up: DNS answer, routing, another port.",
	       "A capture at the server: SYNs arriving there put the fault on the way back, or in a full accept queue "
	       "(nstat -az TcpExtListenOverflows).")},
	{"tcp/refused", "Nothing listens on that port",
	 "A RST answered the SYN. The host, or a firewall that answers for it, refuses this port.",
	 CHECK("Whether the service runs and listens on this address and port: ss -ltnp.",
	       "Whether the client uses the right address and port.",
	       "A firewall rule that rejects with a reset: compare the RST's TTL with that of other packets from the "
	       "host.")},
	{"tcp/unreachable", "ICMP: destination unreachable",
	 "A router or the host answered the SYN with an ICMP error, so the connection was given up.",
	 CHECK("Which address sent the ICMP error: that device refused or had no way on.",
	       "Its routing table and its packet filter.")},
	{"any/unreachable/net", "ICMP: no route to the network",
	 "A router has no route towards the destination network.",
	 CHECK("The routing table of the router that sent the ICMP error.", "Whether the destination address is right.",
	       "Announcements and VPN or tunnel state for that network.")},
	{"any/unreachable/host", "ICMP: host unreachable",
	 "The last router could not reach the host: usually ARP or neighbour discovery got no answer.",
	 CHECK("Whether the host is up and attached to that network.",
	       "The neighbour table of the router that sent the ICMP error.",
	       "A firewall rule that rejects with host-unreachable.")},
	{"any/unreachable/port", "ICMP: port unreachable",
	 "The host or a firewall refuses this port with ICMP. A host without a TCP listener sends a RST instead, so "
	 "this is mostly a firewall (iptables' default REJECT).",
	 CHECK("REJECT rules on the host and on firewalls before it: nft list ruleset, iptables-save.",
	       "The ICMP error's source address: who refused.")},
	{"any/unreachable/protocol", "ICMP: protocol unreachable", "The destination says that it does not speak TCP.",
	 CHECK("Whether the address belongs to the host that was meant.",
	       "REJECT rules that answer with proto-unreachable.")},
	{"any/unreachable/admin-prohibited", "ICMP: administratively prohibited",
	 "A packet filter refuses this traffic by policy and says so.",
	 CHECK("The filter rules of the device that sent the ICMP error, for this source, destination and port.",
	       "Whether the client comes from the network the rule expects (VPN, NAT).")},
	{"any/unreachable/ttl-exceeded", "ICMP: TTL exceeded on the way",
	 "The packet's hop limit ran out before it arrived: nearly always a routing loop.",
	 CHECK("traceroute -T -p PORT HOST: the same routers repeating are the loop.",
	       "Recent routing changes at those routers.", "A sender that starts with a very small TTL.")},
	{"any/unreachable/source-route", "ICMP: source route failed",
	 "A router could not follow a source-routed packet.",
	 CHECK("Why the packets carry IP source route options at all; most networks drop them.")},
	{"any/unreachable/reject-route", "ICMPv6: reject route",
	 "A router holds a route for this destination that says: reject.",
	 CHECK("Reject or prohibit routes on the router that sent the error: ip -6 route.",
	       "Source address selection: the client may use a prefix that is not allowed there.")},
	{"any/unreachable", "ICMP: unreachable",
	 "ICMP told the sender that its packets cannot be delivered, and the connection ended.",
	 CHECK("Which address sent the ICMP error, and its routing and filter rules.",
	       "Route changes during the connection.")},
	{"tcp/half-open", "SYN-ACK never acknowledged",
	 "SYN-ACKs reached the client's side, yet the client never completed the handshake with an ACK or RST.",
	 CHECK("A filter on the client's host that drops the SYN-ACK after the point of capture.",
	       "Asymmetric routing: a stateful firewall that saw only one direction.",
	       "A scan or a SYN flood with forged source addresses, when there are many.")},
	{"tcp/reset", "Connection reset during the TCP handshake",
	 "The handshake was ended by a RST after the SYN-ACK: one side does not know this connection.",
	 CHECK("A client that already gave up, or a port scanner, which resets on purpose.",
	       "Stateful devices or NAT that lost or never had the state; asymmetric routes.",
	       "Two hosts that use the same address.")},
	{"tcp/closed", "Closed during the TCP handshake", "A FIN came before the three-way handshake was complete.",
	 CHECK("A client that gave up at once, or a scanner.", "Load balancers that probe the port.")},
	{"tcp/abandoned", "Client gave up while connecting",
	 "The client ended the attempt before an answer could be late: a cancelled request, a race between addresses "
	 "(Happy Eyeballs), or a scan.",
	 CHECK("Whether another attempt by the same client succeeded at the same time over the other address family.",
	       "The client's connect time-out.")},

	/* ---- client-hello ---- */
	{"client-hello/timeout", "No ClientHello was sent",
	 "TCP was established, then the client stayed silent. The wait for its ClientHello ended.",
	 CHECK("Whether the client waits for the server to speak first: plain-text client or STARTTLS on an implicit "
	       "TLS port, or the other way round.",
	       "A client that opens connections ahead of need, or hangs before TLS (DNS, proxy, lock, CPU).",
	       "A proxy or STARTTLS dialogue that stopped before TLS began.")},
	{"client-hello/lost", "ClientHello lost on the way",
	 "The client repeated its ClientHello and the server never acknowledged it, although TCP had been established.",
	 CHECK("A firewall or inspection device that drops ClientHellos, perhaps by SNI: try another name to the same "
	       "address.",
	       "Whether the client's last ACK of the handshake arrived: a SYN-ACK repeated by the server says that it "
	       "did not.",
	       "Load balancers that accept the connection for a backend that is gone.")},
	{"client-hello/lost/mtu", "ClientHello too large for the path",
	 "Small packets pass, the full-size ones of the ClientHello never arrive: an MTU black hole on the way to the "
	 "server.",
	 CHECK("Path MTU: ping -M do -s 1472 HOST; VPN, tunnel and PPPoE links make it smaller.",
	       "Firewalls that drop ICMP fragmentation needed or packet too big.",
	       "Clamp the MSS at the tunnel (nft: tcp option maxseg size set rt mtu), or lower the interface's MTU.")},
	{"client-hello/lost/partial", "Second part of the ClientHello lost",
	 "The first segment of a ClientHello was acknowledged, a later one never was although repeated. Post-quantum "
	 "key shares make ClientHellos this long.",
	 CHECK("Middleboxes that expect a ClientHello in one packet: update them, or test without ML-KEM (curl "
	       "--curves X25519).",
	       "Path MTU and firewalls that drop ICMP.",
	       "Inspection devices that hold the first segment and lose the second.")},
	{"client-hello/refused", "TLS refused in the plain-text dialogue",
	 "The client asked for TLS or a tunnel in the protocol that comes before it, and the server said no.",
	 CHECK("The server's answer in the evidence: it gives the reason.", "Whether TLS is switched on at the server.",
	       "A middlebox that blanks or answers STARTTLS.")},
	{"client-hello/refused/smtp", "SMTP: STARTTLS refused", "The mail server did not accept STARTTLS.",
	 CHECK("The reply code: 454 is temporary (certificate or key not readable), 502 and 503 say not offered or not "
	       "now.",
	       "The server's TLS settings (Postfix: smtpd_tls_security_level, smtpd_tls_cert_file) and its log.",
	       "A firewall that rewrites SMTP (Cisco: inspect esmtp shows XXXX in place of STARTTLS).")},
	{"client-hello/refused/imap", "IMAP: STARTTLS refused", "The IMAP server answered STARTTLS with NO or BAD.",
	 CHECK("The server's TLS settings (Dovecot: ssl = yes, ssl_cert, ssl_key) and its log.",
	       "Whether the port is the implicit TLS one (993), where STARTTLS is not known.")},
	{"client-hello/refused/pop3", "POP3: STLS refused", "The POP3 server answered STLS with -ERR.",
	 CHECK("The server's TLS settings (Dovecot: ssl = yes, ssl_cert, ssl_key) and its log.",
	       "Whether the port is the implicit TLS one (995), where STLS is not known.")},
	{"client-hello/refused/ftp", "FTP: AUTH TLS refused", "The FTP server did not accept AUTH TLS.",
	 CHECK("The server's TLS settings (vsftpd: ssl_enable=YES; ProFTPD: TLSEngine on).",
	       "An FTP helper or proxy on the way that does not know AUTH TLS.")},
	{"client-hello/refused/ldap", "LDAP: StartTLS refused",
	 "The directory answered the StartTLS operation with an error.",
	 CHECK("The server's TLS settings (OpenLDAP: olcTLSCertificateFile, olcTLSCertificateKeyFile).",
	       "The result code: 2 protocolError says that StartTLS is not supported, 52 unavailable that TLS failed "
	       "to start, 1 operationsError that operations are outstanding.")},
	{"client-hello/refused/xmpp", "XMPP: STARTTLS refused", "The XMPP server answered starttls with failure.",
	 CHECK("The server's certificate for this domain.", "Whether the stream was opened to the right domain.")},
	{"client-hello/refused/irc", "IRC: STARTTLS refused", "The IRC server refused STARTTLS.",
	 CHECK("Use the implicit TLS port (6697); most networks have dropped STARTTLS.")},
	{"client-hello/refused/nntp", "NNTP: STARTTLS refused", "The news server refused STARTTLS.",
	 CHECK("The server's TLS settings, or use the implicit TLS port (563).")},
	{"client-hello/refused/managesieve", "ManageSieve: STARTTLS refused", "The Sieve server refused STARTTLS.",
	 CHECK("The server's TLS settings (Dovecot: ssl = yes).")},
	{"client-hello/refused/postgres", "PostgreSQL: server has no TLS",
	 "The server answered SSLRequest with N: TLS is off. A client with sslmode=require stops here.",
	 CHECK("ssl = on, ssl_cert_file and ssl_key_file in postgresql.conf, then reload; SHOW ssl; tells.",
	       "Whether a pooler answers instead of the server (PgBouncer: client_tls_sslmode).",
	       "Whether the client reached the instance that was meant.")},
	{"client-hello/refused/mysql", "MySQL: server has no TLS",
	 "The server's greeting does not offer CLIENT_SSL, or it refused the connection before TLS.",
	 CHECK("SHOW VARIABLES LIKE '%ssl%'; and the certificate files' permissions.",
	       "A proxy in front that does not offer TLS (ProxySQL: mysql-have_ssl).",
	       "An error in place of a greeting: host blocked, too many connections.")},
	{"client-hello/refused/rdp", "RDP: TLS refused", "The server answered the negotiation request without TLS.",
	 CHECK("The server's security layer setting (SecurityLayer, Network Level Authentication).",
	       "The failure code: 2 says that only standard RDP security is allowed, 5 that NLA is required.")},
	{"client-hello/refused/connect", "Proxy refused CONNECT",
	 "The HTTP proxy did not open the tunnel: TLS never began, and the server behind it was perhaps never asked.",
	 CHECK("The status: 407 asks for proxy credentials, 403 is the proxy's policy for this host or port, 502, 503 "
	       "and 504 say that the proxy could not reach the server.",
	       "The proxy's log and access list (Squid: SSL_ports, http_access).",
	       "Whether this host should bypass the proxy: NO_PROXY.")},
	{"client-hello/refused/socks4", "SOCKS4 proxy refused", "The SOCKS proxy rejected the request.",
	 CHECK("The reply code: 91 rejected or failed, 92 and 93 identd.",
	       "Whether the proxy can reach the destination.")},
	{"client-hello/refused/socks5", "SOCKS5 proxy refused",
	 "The SOCKS proxy did not open the connection, or accepted no authentication method.",
	 CHECK("The reply code: 2 not allowed by rule set, 3 and 4 unreachable, 5 refused, 255 no acceptable method.",
	       "The proxy's credentials and rules.")},
	{"client-hello/reset", "Reset before a ClientHello arrived",
	 "TCP was established and then reset before a whole ClientHello had been sent and acknowledged.",
	 CHECK("A server or load balancer that accepts and resets: no healthy backend, connection limit, address not "
	       "allowed (TCP wrappers, allow lists).",
	       "A listener that crashes or restarts.",
	       "When it happens only for ClientHellos in two segments: a server or middlebox that reads one packet and "
	       "gives up.")},
	{"client-hello/closed", "Server closed before a ClientHello",
	 "TCP was established, and the server closed it before a whole ClientHello had been sent and acknowledged.",
	 CHECK("Connection or rate limits, allow lists, fail2ban at the server or load balancer.",
	       "A backend in maintenance or a load balancer without a pool member.",
	       "A server that waited for the PROXY protocol header and did not get one.")},
	{"client-hello/abandoned", "Client connected and left without TLS",
	 "The client ended the connection at once without sending a ClientHello: what TCP health checks, port scanners "
	 "and preconnecting browsers do.",
	 CHECK("Whether the client's address is a load balancer or monitor: then it is harmless, and noise in the "
	       "server's log.",
	       "A client that opens several connections and uses the first that answers.")},
	{"client-hello/alert", "Alert before a ClientHello",
	 "A TLS alert ended the connection before a whole ClientHello had arrived.",
	 CHECK("What the client sent in place of a ClientHello.", "The server's idle time-out for handshakes.")},
	{"client-hello/not-tls", "Client does not speak TLS on a TLS port",
	 "The client's first bytes are not a ClientHello, and the server did not take them.",
	 CHECK("The client's URL or connection string: scheme, port, ssl or tls option.",
	       "A proxy or load balancer that ends TLS and forwards plain text to a port that expects TLS.")},
	{"client-hello/not-tls/http", "Plain HTTP sent to a TLS port",
	 "The client sent an HTTP request in clear to a server that expects TLS.",
	 CHECK("http:// in place of https:// in the client's URL.",
	       "A reverse proxy that speaks HTTP to an HTTPS backend (nginx: proxy_pass https://; HAProxy: ssl on the "
	       "server line).",
	       "A health check configured as HTTP.")},
	{"client-hello/not-tls/proxy", "PROXY protocol header where TLS was expected",
	 "A load balancer sends the PROXY protocol header, and the server behind it does not expect one.",
	 CHECK("Switch it on at the server (nginx: listen ... proxy_protocol; HAProxy: accept-proxy), or off at the "
	       "balancer.")},
	{"client-hello/not-tls/ssh", "SSH client on a TLS port", "The client speaks SSH to a port that expects TLS.",
	 CHECK("The client's port.", "A multiplexer (sslh) that should have stood on this port.")},
	{"client-hello/malformed", "The ClientHello is malformed",
	 "The client's bytes claim to be TLS and break its framing or rules, so no whole ClientHello could be read.",
	 CHECK("What broke, in the evidence.", "A middlebox that rewrites ClientHellos: compare captures at both ends.",
	       "A home-made client, scanner or fuzzer.")},

	/* ---- server-hello ---- */
	{"server-hello/timeout", "ClientHello acknowledged, never answered",
	 "The server's TCP has the whole ClientHello, but its TLS never answered.",
	 CHECK("A server that hangs: all workers busy, out of entropy or file descriptors, a stuck backend. Its stack: "
	       "gdb, pstack.",
	       "A service on this port that does not speak TLS and waits for more of its own protocol.",
	       "A server that waits for the PROXY protocol header, or a load balancer that acknowledged for a dead "
	       "backend.",
	       "A filter that swallows answers for this SNI: try another name to the same address.")},
	{"server-hello/lost", "The server's answer was lost on the way",
	 "What the server sent after the ClientHello was repeated and never acknowledged.",
	 CHECK("Filters in the direction from server to client.", "Path MTU towards the client.")},
	{"server-hello/lost/mtu", "The server's first packets are too large for the path",
	 "Small packets pass, full-size ones towards the client do not: an MTU black hole.",
	 CHECK("Path MTU from the server: ping -M do -s 1472 CLIENT.", "Firewalls that drop ICMP fragmentation needed.",
	       "Clamp the MSS at the tunnel.")},
	{"server-hello/reset", "Reset after the ClientHello",
	 "The connection was reset by the server's side when it had read the ClientHello.",
	 CHECK("A load balancer without a healthy backend, or one that has no certificate for this SNI.",
	       "A worker that crashes: the server's error log, dmesg, core files.",
	       "A filter that dislikes the SNI or the ClientHello: try another SNI, and compare the RST's TTL with the "
	       "SYN-ACK's.",
	       "A server that cannot take TLS 1.3 or a long ClientHello: try --tls-max 1.2.")},
	{"server-hello/reset/injected", "Forged reset after the ClientHello",
	 "The RST does not come from the server: TTL, IP ID, sequence or later packets contradict it. Something on the "
	 "path ends this connection, mostly because of the SNI.",
	 CHECK("Firewalls, intrusion prevention, web filters or national filtering on the path: their logs for this "
	       "SNI.",
	       "Another SNI to the same address, and the same SNI from another network.",
	       "A capture at the server: it shows whether the server was reset too, or sent no RST at all.")},
	{"server-hello/closed", "Closed after the ClientHello, without an alert",
	 "The server read the ClientHello and closed the connection without saying why. Clients report an unexpected "
	 "eof.",
	 CHECK("A server that expects the PROXY protocol header, or plain text, on this port.",
	       "A load balancer or SNI router without a backend or certificate for this SNI.",
	       "The server's error log: key or certificate not readable, worker died.",
	       "Very old servers that close on versions or extensions they do not know: try --tls-max 1.2.")},
	{"server-hello/abandoned", "Client left before the ServerHello could come",
	 "The client sent its ClientHello and ended the connection at once: a scanner, a cancelled request or a lost "
	 "race.",
	 CHECK("Whether another connection of the same client succeeded.", "The client's time-out.")},
	{"server-hello/alert", "Server answered the ClientHello with an alert",
	 "The server understood the ClientHello and refuses it.",
	 CHECK("The server's log for this client and time.",
	       "What the client offered (versions, ciphers, groups, SNI, ALPN) against the server's settings.")},
	{"server-hello/alert/handshake_failure", "No common ground, says the server",
	 "The server found no acceptable combination of what the client offered: cipher suite, group, signature "
	 "algorithm or its own certificate. The alert does not tell which.",
	 CHECK("Cipher suites on both sides: openssl ciphers -v; RSA-only suites against an ECDSA certificate and the "
	       "reverse.",
	       "Groups: the server's curves list against the client's supported_groups.",
	       "Signature algorithms: a SHA-1 or RSA-PSS-only side.",
	       "Some servers answer so to an unknown SNI, or when no certificate is configured for it.")},
	{"server-hello/alert/protocol_version", "No common TLS version",
	 "The server accepts none of the versions that the client offers.",
	 CHECK("Versions offered (in this report) against the server's (ssl_protocols, SSLProtocol, MinProtocol).",
	       "An old client that stops at TLS 1.0 or 1.1, or an old server that does.",
	       "The system's crypto policy: update-crypto-policies --show, MinProtocol in openssl.cnf.")},
	{"server-hello/alert/illegal_parameter", "Server: the ClientHello contradicts itself",
	 "The server found a field of the ClientHello out of range or at odds with another: after a HelloRetryRequest "
	 "also a second ClientHello that changed too much, or a PSK binder that does not fit.",
	 CHECK("Pre-shared keys: the same key and hash on both sides.",
	       "A middlebox that alters the ClientHello: compare captures at both ends.",
	       "A bug in one of the two stacks.")},
	{"server-hello/alert/internal_error", "Server failed internally",
	 "The server stopped for a reason of its own that has nothing to do with what the client offered.",
	 CHECK("The server's error log: unreadable key, failing HSM or key server, memory.",
	       "A server without any certificate for this SNI: Go, Caddy and some CDNs answer so.")},
	{"server-hello/alert/close_notify", "Server closed in order in place of a ServerHello",
	 "The server declined the handshake with close_notify.",
	 CHECK("Connection limits and access lists of the server.", "Its log.")},
	{"server-hello/not-tls", "Server does not speak TLS on this port",
	 "The server answered the ClientHello with something that is not TLS. Clients report a wrong version number.",
	 CHECK("The port: is TLS configured on this listener at all?",
	       "A plain-text service that moved to, or is forwarded from, this port.",
	       "A proxy or captive portal that answers in place of the server.")},
	{"server-hello/not-tls/http", "Plain HTTP answered on the TLS port",
	 "The server answered the ClientHello with HTTP in clear, mostly 400 Bad Request.",
	 CHECK("The listener has no TLS (nginx: listen 443 without ssl; Apache: SSLEngine on missing).",
	       "https:// to a port that speaks http, 80 or 8080.",
	       "A captive portal, proxy or block page on the way.")},
	{"server-hello/not-tls/ssh", "SSH answered on the TLS port", "The server sent an SSH banner.",
	 CHECK("Port forwarding or DNAT to port 22.", "The client's port.")},
	{"server-hello/not-tls/smtp", "SMTP banner where TLS was expected",
	 "The mail server speaks first and in clear: this port wants STARTTLS, not TLS from the first byte.",
	 CHECK("Port 465 for TLS from the start; 25 and 587 with STARTTLS.",
	       "The client's setting: SSL/TLS against STARTTLS.")},
	{"server-hello/not-tls/imap", "IMAP banner where TLS was expected",
	 "The server speaks IMAP in clear: this port wants STARTTLS.",
	 CHECK("Port 993 for TLS from the start; 143 with STARTTLS.",
	       "The client's setting: SSL/TLS against STARTTLS.")},
	{"server-hello/not-tls/pop3", "POP3 banner where TLS was expected",
	 "The server speaks POP3 in clear: this port wants STLS.",
	 CHECK("Port 995 for TLS from the start; 110 with STLS.", "The client's setting: SSL/TLS against STARTTLS.")},
	{"server-hello/not-tls/ftp", "FTP banner where TLS was expected",
	 "The server speaks FTP in clear: this port wants AUTH TLS.",
	 CHECK("Port 990 for implicit TLS; 21 with AUTH TLS (explicit).")},
	{"server-hello/not-tls/mysql", "MySQL greeting where TLS was expected",
	 "MySQL speaks first; TLS begins only after its greeting, asked for by the client.",
	 CHECK("A TLS proxy in front of MySQL that does not know its protocol.",
	       "The client: a MySQL client, not plain TLS.")},
	{"server-hello/not-tls/postgres", "PostgreSQL error where TLS was expected",
	 "PostgreSQL before version 17 takes TLS only after an SSLRequest.",
	 CHECK("A client or proxy that sends TLS directly (sslnegotiation=direct) to an older server.")},
	{"server-hello/not-tls/text", "Readable text answered on the TLS port",
	 "The server answered in clear with text of an unknown protocol: the evidence shows its beginning.",
	 CHECK("Which service listens there: ss -ltnp, and read its answer.",
	       "Error messages of inetd, stunnel or a proxy.")},
	{"server-hello/malformed", "The server's answer breaks TLS",
	 "The server's bytes claim to be TLS, but their framing or content breaks the protocol's rules.",
	 CHECK("What broke, in the evidence.", "A middlebox that alters records: compare captures at both ends.",
	       "A service that is not TLS and whose bytes look like it by chance.")},

	/* ---- server-flight ---- */
	{"server-flight/timeout", "Server stalled after its ServerHello",
	 "A ServerHello came, the rest of the server's flight never did, and nothing shows a loss on the way.",
	 CHECK("A server that waits for something between ServerHello and Certificate: HSM, key server, OCSP stapling "
	       "fetch.",
	       "A capture at the server: if it sent the rest, the path lost it (MTU).")},
	{"server-flight/lost", "The server's flight was lost on the way",
	 "Packets of the server's flight were repeated and never acknowledged by the client.",
	 CHECK("Loss or filtering in the direction from server to client.",
	       "An inspection device that drops certificates it dislikes.", "Path MTU towards the client.")},
	{"server-flight/lost/mtu", "The certificate's packets are too large for the path",
	 "Small packets pass, the full-size ones that carry the certificate do not: an MTU black hole towards the "
	 "client.",
	 CHECK("Path MTU from the server: ping -M do -s 1472 CLIENT; VPN, tunnel, PPPoE and overlay networks make it "
	       "smaller.",
	       "Firewalls that drop ICMP fragmentation needed or packet too big on the way to the server.",
	       "Clamp the MSS at the tunnel (nft: tcp option maxseg size set rt mtu), or lower the server's MTU.")},
	{"server-flight/reset", "Reset in the middle of the server's flight",
	 "The connection was reset after the ServerHello and before the server's flight was complete.",
	 CHECK("A server worker that crashed: error log, dmesg.",
	       "A filter that acts on the certificate or server name: compare the RST's TTL with other packets'.",
	       "A client that reads the ServerHello and gives up: who sent the RST?")},
	{"server-flight/closed", "Closed in the middle of the server's flight",
	 "A FIN came after the ServerHello and before the server's flight was complete, without an alert.",
	 CHECK("The server's error log: signing failed, key and certificate do not match.",
	       "A client that dislikes the ServerHello and leaves without an alert.")},
	{"server-flight/abandoned", "Client left after the ServerHello",
	 "The client ended the connection at once when it had seen the ServerHello: version scanners do this.",
	 CHECK("Whether the client is a scanner or monitor.")},
	{"server-flight/alert", "Alert on the ServerHello",
	 "An alert came between the ServerHello and the end of the server's flight: mostly the client refuses what the "
	 "server chose.",
	 CHECK("The chosen version, cipher and group in this report against the client's settings.",
	       "A server that breaks a rule of the RFC, or a middlebox that changes its ServerHello.")},
	{"server-flight/alert/protocol_version", "Client refuses the version the server chose",
	 "The server chose a TLS version below what the client allows, or one it did not offer.",
	 CHECK("The client's minimum (MinProtocol in openssl.cnf, --tlsv1.2, crypto policy) against the server's "
	       "maximum.",
	       "Upgrade the server: TLS 1.0 and 1.1 are deprecated (RFC 8996).")},
	{"server-flight/alert/illegal_parameter", "Client: the ServerHello breaks the rules",
	 "The server chose something the client did not offer, or the downgrade sentinel in its random shows that a "
	 "version was taken away on the path.",
	 CHECK("A middlebox that terminates or rewrites TLS: compare captures at both ends.",
	       "A faulty server stack: which field, says the client's error text.")},
	{"server-flight/alert/handshake_failure", "Client refuses what the server chose",
	 "The client cannot accept the server's choice: a missing extension such as secure renegotiation, a cipher or "
	 "a group it did not want.",
	 CHECK("Legacy renegotiation: OpenSSL 3 refuses servers without RFC 5746 (UnsafeLegacyServerConnect).",
	       "The client's error text.")},
	{"server-flight/not-tls", "The server left TLS after its ServerHello",
	 "After a ServerHello the server's bytes are no longer TLS.",
	 CHECK("A proxy that writes an error page into the TLS stream.", "A server bug.")},

	/* ---- client-flight ---- */
	{"client-flight/timeout", "Client never answered the server's flight",
	 "The client's TCP has the server's whole flight; the client itself stayed silent.",
	 CHECK("A client that fetches CRLs, OCSP or an intermediate while it verifies, and is blocked there.",
	       "A client that asks its user (certificate warning, smart card PIN).")},
	{"client-flight/lost", "The client's flight was lost on the way",
	 "The client sent its part of the handshake repeatedly; the server never acknowledged it.",
	 CHECK("Loss or filtering in the direction from client to server.",
	       "A client certificate too large for the path: MTU.")},
	{"client-flight/lost/mtu", "The client certificate's packets are too large for the path",
	 "Full-size packets from the client never arrive, small ones do: an MTU black hole towards the server.",
	 CHECK("Path MTU: ping -M do -s 1472 HOST.", "Firewalls that drop ICMP fragmentation needed.",
	       "Clamp the MSS at the tunnel.")},
	{"client-flight/reset", "Reset when the certificate had arrived",
	 "The connection was reset after the server's whole flight and before the client's Finished.",
	 CHECK("Who sent the RST. A client: it dislikes the certificate, or its user or program cancelled.",
	       "A server: its handshake time-out.", "A filter that acts on the certificate: compare TTLs.")},
	{"client-flight/closed", "Closed when the certificate had arrived, without an alert",
	 "The connection was closed after the server's whole flight and before the client's Finished. A client that "
	 "distrusts the certificate may leave like this (Node, some browsers).",
	 CHECK("The client's own error text.",
	       "The chain the server sends, its names and dates: openssl s_client -connect HOST:PORT -servername NAME "
	       "-showcerts.",
	       "Whether the client's trust store has the issuer.")},
	{"client-flight/abandoned", "Client left when it had the certificate",
	 "The client ended the connection at once after the server's flight: certificate monitors and scanners do "
	 "this.",
	 CHECK("Whether the client is a monitor.", "The client's own error text.")},
	{"client-flight/alert", "Client refuses the server's flight",
	 "The client answered the server's flight with an alert, mostly because of its certificate.",
	 CHECK("The client's own error text.",
	       "The chain, its names and dates: openssl s_client -connect HOST:PORT -servername NAME -showcerts.")},
	{"client-flight/alert/encrypted", "Client refuses, its reason is encrypted",
	 "In TLS 1.3 the client answered the server's flight with a record as long as an alert. It most likely refuses "
	 "the certificate.",
	 CHECK("The client's own error text.",
	       "The chain, its names and dates: openssl s_client -connect HOST:PORT -servername NAME -showcerts.",
	       "Set SSLKEYLOGFILE at the client and capture again: the alert can then be read.")},
	{"client-flight/alert/bad_certificate", "Client: the certificate is unusable",
	 "The client could not parse or verify the server's certificate; many stacks also report a wrong host name so.",
	 CHECK("The name: subjectAltName must have the SNI; a common name alone is no longer taken.",
	       "Signature and key: SHA-1, RSA below 2048 bits, a chain in which one certificate did not sign the next.",
	       "Key usage and extended key usage: serverAuth.")},
	{"client-flight/alert/certificate_expired", "Server certificate expired",
	 "A certificate of the server's chain is outside its validity at the client's time.",
	 CHECK("Dates: openssl s_client -connect HOST:PORT -servername NAME | openssl x509 -noout -dates; also of the "
	       "intermediates.",
	       "Renewed but not reloaded: the server still holds the old one; every node behind the balancer.",
	       "The client's clock.")},
	{"client-flight/alert/certificate_revoked", "Server certificate revoked",
	 "The client found the certificate in a CRL or an OCSP answer as revoked.",
	 CHECK("Replace the certificate; openssl ocsp or the CA's page tells since when and why.",
	       "A stale OCSP staple at the server.")},
	{"client-flight/alert/certificate_unknown", "Client refuses the certificate without saying why",
	 "Some problem with the certificate. Java sends this alert for every failed path validation, Chrome and "
	 "Firefox for several reasons.",
	 CHECK("The client's own error text (Java: PKIX path building failed is an unknown issuer).",
	       "Issuer and intermediates: is the chain complete?", "The name and the dates.")},
	{"client-flight/alert/unsupported_certificate", "Client cannot use this kind of certificate",
	 "Key type, signature or purpose of the server's certificate do not suit the client.",
	 CHECK("Extended key usage: serverAuth is missing, or there is clientAuth only.",
	       "Key type and curve (Ed25519, secp521r1, brainpool) against the client's stack.")},
	{"client-flight/alert/unknown_ca", "Client does not trust the issuer",
	 "The client found no path from the server's certificate to an issuer in its trust store.",
	 CHECK("The server's chain: a missing intermediate is the most common cause. openssl s_client -showcerts lists "
	       "what it sends.",
	       "The client's trust store: private CA not installed, old ca-certificates, a container image without "
	       "any.",
	       "An inspecting proxy that signs with its own CA: who is the issuer?", "A self-signed certificate.")},
	{"client-flight/alert/handshake_failure", "Client refuses the server's parameters",
	 "The client could not accept something in the server's flight: weak Diffie-Hellman parameters, no usable "
	 "signature algorithm, or no answer to a certificate request.",
	 CHECK("DH parameters below 1024 or 2048 bits: use ECDHE or larger ones.",
	       "The client's security level or crypto policy.", "The client's error text.")},
	{"client-flight/alert/insufficient_security", "Client: too weak",
	 "The server's key or parameters are below what the client's policy demands.",
	 CHECK("RSA or DH key size, SHA-1 signatures.", "The client's security level (SECLEVEL) or crypto policy.")},
	{"client-flight/alert/decrypt_error", "Client: a signature does not verify",
	 "The server's signature over the key exchange, or its Finished, is wrong.",
	 CHECK("The server's private key does not belong to its certificate: compare openssl pkey -pubout with openssl "
	       "x509 -pubkey.",
	       "A middlebox that alters the handshake: compare captures at both ends.",
	       "A faulty HSM or crypto accelerator.")},

	/* ---- finished ---- */
	{"finished/timeout", "Server silent after the client's Finished",
	 "The server's TCP has the client's whole flight; the server never confirmed it.",
	 CHECK("A server that checks the client certificate against something slow: OCSP, CRL, LDAP.",
	       "A worker that hangs: its log and stack.")},
	{"finished/lost", "The end of the handshake was lost on the way",
	 "What followed the client's Finished was repeated and never acknowledged.",
	 CHECK("Loss or filtering on the path, in the direction of the repeats.",
	       "Path MTU: session tickets and client certificates make large packets.")},
	{"finished/reset", "Reset after the client's Finished",
	 "The server's side reset the connection in place of its Finished.",
	 CHECK("The server's error log: a worker that crashed, a client certificate it refuses without an alert.",
	       "A load balancer whose backend failed.")},
	{"finished/closed", "Closed after the client's Finished, without an alert",
	 "The server closed the connection in place of its Finished.",
	 CHECK("A client certificate that is missing or refused: some servers say nothing.", "The server's error log.",
	       "Access lists that act once the client is known.")},
	{"finished/abandoned", "Client left after its Finished",
	 "The client ended the connection at once after its own flight.",
	 CHECK("A monitor or scanner.", "A client that checks the certificate only now.")},
	{"finished/alert", "Server refuses the client's flight",
	 "The server answered the client's flight with an alert, mostly because of the client certificate.",
	 CHECK("Whether the server asks for a client certificate and what the client sent.",
	       "The CAs the server accepts for clients (ssl_client_certificate, SSLCACertificateFile).",
	       "The server's log.")},
	{"finished/alert/encrypted", "Server refuses, its reason is encrypted",
	 "The server answered the client's Finished with a record as long as an alert: most likely it refuses the "
	 "client certificate, or the lack of one.",
	 CHECK("The client's error text names the alert it received.", "The server's log.",
	       "Set SSLKEYLOGFILE at the client and capture again: the alert can then be read.")},
	{"finished/alert/certificate_required", "Server demands a client certificate",
	 "TLS 1.3: the server asked for a client certificate and the client sent none.",
	 CHECK("Give the client its certificate and key (curl --cert, --key).",
	       "A client that has one and did not send it: its issuer is not among the CAs the server listed.",
	       "Whether the server should demand one here at all.")},
	{"finished/alert/handshake_failure", "Server refuses the client's flight",
	 "Up to TLS 1.2 this is how most servers answer a client that sent no certificate though one is required.",
	 CHECK("Give the client its certificate and key (curl --cert, --key).",
	       "A client that has one and did not send it: its issuer is not among the CAs the server listed.",
	       "The server's log.")},
	{"finished/alert/bad_certificate", "Server: the client certificate is unusable",
	 "The server could not parse or verify the client's certificate. Java and Go also answer a missing one so.",
	 CHECK("That the client sends the right certificate with its chain.",
	       "Key and signature strength against the server's policy.", "The server's log.")},
	{"finished/alert/unsupported_certificate", "Server cannot use this kind of client certificate",
	 "Key type or purpose do not suit: often a server certificate that lacks clientAuth.",
	 CHECK("Extended key usage of the client certificate: clientAuth.", "Key type against the server's settings.")},
	{"finished/alert/certificate_expired", "Client certificate expired",
	 "The client's certificate, or one of its chain, is outside its validity at the server's time.",
	 CHECK("Dates: openssl x509 -in CERT -noout -dates.", "Renewed but still loaded from the old file.",
	       "The server's clock.")},
	{"finished/alert/certificate_revoked", "Client certificate revoked",
	 "The server found the client's certificate revoked.",
	 CHECK("Issue a new one.", "Whether the server's CRL is current: an expired CRL fails too.")},
	{"finished/alert/certificate_unknown", "Server refuses the client certificate without saying why",
	 "Some problem with the client's certificate.",
	 CHECK("The server's log.", "Issuer, purpose, dates and name of the certificate.")},
	{"finished/alert/unknown_ca", "Server does not trust the client certificate's issuer",
	 "The server found no path from the client's certificate to a CA that it accepts for clients.",
	 CHECK("The client must send its intermediates too.",
	       "The server's list of client CAs (ssl_client_certificate, SSLCACertificateFile, ca-file).",
	       "A certificate of the wrong environment: staging against production.")},
	{"finished/alert/access_denied", "Server denies this client",
	 "The client's certificate is valid, but access is not granted.",
	 CHECK("The server's authorisation rules: subject, SAN, SPIFFE ID.", "The server's log.")},
	{"finished/alert/decrypt_error", "Server: the client's signature or Finished does not verify",
	 "The client's CertificateVerify or Finished is wrong.",
	 CHECK("The client's private key does not belong to its certificate; smart card or HSM faults.",
	       "A middlebox that alters the handshake: compare captures at both ends.")},
	{"finished/alert/bad_record_mac", "Server could not decrypt the client's flight",
	 "The keys of the two sides differ, or bytes were changed on the way.",
	 CHECK("A middlebox that alters the handshake or the data: compare captures at both ends.",
	       "Bad memory or a faulty offload engine; TCP checksums.", "A bug in one of the two stacks.")},

	/* ---- application ---- */
	{"application/timeout", "Request sent, never answered",
	 "The handshake succeeded and the client sent its request; the server's TCP took it, the server never "
	 "answered.",
	 CHECK("The backend behind the TLS server and its time-outs.",
	       "The server's access log: did the request arrive?",
	       "A protocol mismatch after ALPN: HTTP/2 against HTTP/1.1.")},
	{"application/lost", "Data lost after the handshake", "Application data was repeated and never acknowledged.",
	 CHECK("Path MTU: the first full-size packets in this direction.",
	       "A stateful firewall or NAT that dropped the connection's state.", "Loss on the path.")},
	{"application/lost/mtu", "Requests too large for the path",
	 "Small packets pass, full-size ones do not: an MTU black hole that shows only with the first large request or "
	 "answer.",
	 CHECK("Path MTU: ping -M do -s 1472 HOST.", "Firewalls that drop ICMP fragmentation needed.",
	       "Clamp the MSS at the tunnel.")},
	{"application/reset", "Reset before the first answer",
	 "The handshake succeeded, then the connection was reset before the first request was answered.",
	 CHECK("The backend: crash, restart, connection limit.",
	       "Idle time-outs of NAT, firewall or load balancer, when the connection had been quiet.",
	       "A keep-alive connection that the server closed just as it was used: let the client retry.")},
	{"application/closed", "Closed before the first answer",
	 "The handshake succeeded, then the connection ended without close_notify before the first request was "
	 "answered.",
	 CHECK("The server's error log and its backend.",
	       "A client certificate refused by the application after the handshake.",
	       "HTTP/2 against HTTP/1.1: ALPN.")},
	{"application/abandoned", "Client left before the first answer",
	 "The handshake succeeded; the client ended the connection before an answer could be late.",
	 CHECK("The client's time-out and its own error text.")},
	{"application/alert", "Alert after the handshake",
	 "The handshake succeeded, then an alert ended the connection before the first request was answered.",
	 CHECK("The alert's description and who sent it.",
	       "In TLS 1.3 a client certificate is judged after the client believes the handshake done: 116, 42 to 48.",
	       "Renegotiation or post-handshake authentication that one side does not allow.")},
	{"application/alert/encrypted", "Encrypted alert after the handshake",
	 "An encrypted alert ended the connection before the first request was answered; its description cannot be "
	 "read.",
	 CHECK("The client's error text names the alert.", "A client certificate refused late (TLS 1.3).",
	       "Renegotiation that one side does not allow (TLS 1.2).",
	       "Set SSLKEYLOGFILE at the client and capture again: the alert can then be read.")},

	/* ---- Causes at any other stage ---- */
	{"any/timeout", "The peer stayed silent", "Nothing came that would have carried the handshake on.",
	 CHECK("The silent side's log and load.", "A capture at the other end: did it send something that was lost?")},
	{"any/lost", "Sent, repeated, never acknowledged", "Packets of this stage never arrived at the other end.",
	 CHECK("A capture at the other end, to find where they vanish.", "Filters and path MTU.")},
	{"any/lost/mtu", "Too large for the path", "Small packets pass, full-size ones do not: an MTU black hole.",
	 CHECK("Path MTU: ping -M do -s 1472 HOST.", "Firewalls that drop ICMP fragmentation needed.",
	       "Clamp the MSS at the tunnel.")},
	{"any/lost/partial", "Only the first part arrived",
	 "The first part of a message was acknowledged, a later part never was although repeated.",
	 CHECK("Middleboxes that expect a message in one packet.", "Path MTU and firewalls that drop ICMP.")},
	{"any/refused", "Refused", "The other side said no in clear before TLS.",
	 CHECK("Its answer in the evidence.", "The settings of the service.")},
	{"any/half-open", "Half-open connection", "One side believes in a connection that the other never completed.",
	 CHECK("Asymmetric routing and stateful firewalls.", "Host firewalls.")},
	{"any/reset", "Connection reset", "A RST ended the connection at this stage.",
	 CHECK("Who sent it, and that side's log.",
	       "Middleboxes on the path: compare the RST's TTL with other packets'.")},
	{"any/reset/injected", "Forged reset",
	 "The RST does not come from the peer: TTL, IP ID, sequence or later packets contradict it.",
	 CHECK("Firewalls, intrusion prevention and filters on the path: their logs.",
	       "A capture at the other end: it shows whether that end sent a RST at all.")},
	{"any/closed", "Closed without an alert", "A FIN ended the connection at this stage, with no alert before it.",
	 CHECK("The log of the side that closed.", "Connection limits and time-outs.")},
	{"any/abandoned", "Client left", "The client itself ended the connection before anything could be late.",
	 CHECK("The client's own error text.", "Monitors, scanners and cancelled requests.")},
	{"any/not-tls", "Not TLS", "The bytes are of another protocol.",
	 CHECK("Ports and schemes on both sides.", "Proxies on the way that answer in clear.")},
	{"any/malformed", "TLS rules broken",
	 "The bytes claim to be TLS and break its framing or rules: what broke is the signature's last part.",
	 CHECK("A middlebox that alters data: compare captures at both ends.",
	       "The stack and version of the side that sent it.",
	       "A service that is not TLS and whose bytes look like it by chance.")},

	/* ---- Alerts at any other stage: IANA "TLS Alerts" ---- */
	{"any/alert", "TLS alert", "One side ended the handshake with an alert.",
	 CHECK("The alert's description and who sent it.", "That side's log.")},
	{"any/alert/encrypted", "Encrypted alert",
	 "A record as long as an alert ended it; its description cannot be read.",
	 CHECK("The error text of the side that received it names the alert.",
	       "Set SSLKEYLOGFILE at the client and capture again: the alert can then be read.")},
	{"any/alert/close_notify", "Closed in order, too early (0)",
	 "One side ended the connection in order before the handshake was done.",
	 CHECK("Limits, time-outs and shutdowns of the side that sent it.", "A cancelled request.")},
	{"any/alert/unexpected_message", "Unexpected message (10)",
	 "A message came out of order, or of a kind that has no place there: one stack is faulty, or bytes were mixed "
	 "in.",
	 CHECK("Plain text or a second protocol in the stream (a stray STARTTLS reply).",
	       "A middlebox that alters records; known bugs of the two stacks.")},
	{"any/alert/bad_record_mac", "Record could not be authenticated (20)",
	 "The keys of the two sides differ, or bytes were changed on the way.",
	 CHECK("A middlebox or offload engine that alters data: compare captures at both ends.",
	       "Wrong pre-shared key.", "A bug in one of the two stacks.")},
	{"any/alert/decryption_failed_RESERVED", "Decryption failed (21, reserved)",
	 "An old stack could not decrypt a record. Never sent by TLS 1.1 and later.",
	 CHECK("Age and version of the stack that sent it.", "Bytes changed on the way.")},
	{"any/alert/record_overflow", "Record too long (22)",
	 "A record exceeds the length allowed: often bytes that are not TLS, read as a record's length.",
	 CHECK("Plain text on the TLS connection.", "record_size_limit or max_fragment_length that one side ignores.")},
	{"any/alert/decompression_failure_RESERVED", "Decompression failed (30, reserved)",
	 "Compressed data could not be unpacked. TLS compression is obsolete and should be off.",
	 CHECK("Switch TLS compression off on both sides (CRIME).")},
	{"any/alert/handshake_failure", "No acceptable parameters (40)",
	 "One side found nothing acceptable in what the other offered or sent. The alert does not tell what.",
	 CHECK("Cipher suites, groups and signature algorithms on both sides.",
	       "A client certificate that is required and missing (TLS 1.2).", "The log of the side that sent it.")},
	{"any/alert/no_certificate_RESERVED", "No certificate (41, reserved)",
	 "SSL 3.0: the client has no certificate to answer the server's request.",
	 CHECK("Give the client a certificate, and both sides a current TLS version.")},
	{"any/alert/bad_certificate", "Certificate unusable (42)", "A certificate could not be parsed or verified.",
	 CHECK("Signature, key strength and chain of the other side's certificate.",
	       "The log of the side that sent it.")},
	{"any/alert/unsupported_certificate", "Kind of certificate not supported (43)",
	 "Key type or purpose of the certificate do not suit its use.",
	 CHECK("Extended key usage: serverAuth for servers, clientAuth for clients.",
	       "Key type against the other side's settings.")},
	{"any/alert/certificate_revoked", "Certificate revoked (44)", "The certificate has been revoked by its issuer.",
	 CHECK("Replace it.", "CRL and OCSP staple: current?")},
	{"any/alert/certificate_expired", "Certificate expired (45)", "A certificate is outside its validity.",
	 CHECK("Dates of the certificate and its intermediates.", "The clock of the side that sent the alert.")},
	{"any/alert/certificate_unknown", "Certificate not accepted (46)",
	 "Some other problem made the certificate unacceptable; Java sends this for every failed path validation.",
	 CHECK("The log or error text of the side that sent it.", "Issuer, chain, name and dates.")},
	{"any/alert/illegal_parameter", "Field out of range or contradictory (47)",
	 "A handshake field breaks the rules or contradicts another.",
	 CHECK("A middlebox that alters the handshake: compare captures at both ends.",
	       "Known bugs of the two stacks.")},
	{"any/alert/unknown_ca", "Issuer not trusted (48)", "No path leads from the certificate to a trusted CA.",
	 CHECK("The chain that was sent: intermediates missing?", "The trust store of the side that sent the alert.")},
	{"any/alert/access_denied", "Access denied (49)",
	 "Credentials or names were valid, but the side that sent it does not allow this connection.",
	 CHECK("Its access rules: SNI, client address, client certificate.",
	       "A policy of a filter or gateway on the way.")},
	{"any/alert/decode_error", "Message could not be decoded (50)",
	 "A message has a wrong length or form: one stack is faulty, or bytes were changed or lost.",
	 CHECK("A middlebox that alters the handshake: compare captures at both ends.",
	       "Known bugs of the two stacks.")},
	{"any/alert/decrypt_error", "Signature or Finished wrong (51)",
	 "A signature, a Finished or a PSK binder did not verify.",
	 CHECK("Private key and certificate of the other side: do they belong together?", "The pre-shared key.",
	       "A middlebox that alters the handshake: compare captures at both ends.")},
	{"any/alert/too_many_cids_requested", "Too many connection IDs (52)",
	 "DTLS 1.3 only: the peer asked for more connection IDs than allowed.", CHECK("Known bugs of the two stacks.")},
	{"any/alert/export_restriction_RESERVED", "Export restriction (60, reserved)",
	 "An ancient stack refuses a key length by the export rules of the 1990s.", CHECK("Replace that stack.")},
	{"any/alert/protocol_version", "TLS version not supported (70)",
	 "The version offered or chosen is known but not allowed.",
	 CHECK("Versions allowed on both sides (MinProtocol, ssl_protocols, crypto policy).",
	       "A side that knows only deprecated versions.")},
	{"any/alert/insufficient_security", "Too weak (71)",
	 "The ciphers or keys offered are below what the other side demands.",
	 CHECK("Cipher lists and key sizes on both sides.",
	       "Security level or crypto policy of the side that sent it.")},
	{"any/alert/internal_error", "Internal error (80)",
	 "The side that sent it stopped for a reason of its own that the peer cannot cure.",
	 CHECK("Its error log: keys not readable, HSM, memory, a missing certificate for this SNI.")},
	{"any/alert/inappropriate_fallback", "Fallback refused (86)",
	 "The client retried with a lower version and said so (TLS_FALLBACK_SCSV, RFC 7507); the server speaks a "
	 "higher one.",
	 CHECK("Why the client's first attempt failed: look for it just before this connection.",
	       "A client that falls back for no need: update it.")},
	{"any/alert/user_canceled", "Cancelled by the user (90)",
	 "The handshake was cancelled for a reason unrelated to the protocol.",
	 CHECK("A dialogue in which the user declined a certificate.", "A client that was shut down.")},
	{"any/alert/no_renegotiation_RESERVED", "Renegotiation refused (100)",
	 "One side asked for a new handshake on an open TLS 1.2 connection, the other does not allow it.",
	 CHECK("Client certificates asked for per location or directory: ask in the first handshake, or use TLS 1.3.",
	       "The renegotiation settings of the side that sent it.")},
	{"any/alert/missing_extension", "Extension missing (109)",
	 "TLS 1.3: a message lacks an extension that it must carry, such as supported_groups, key_share or SNI.",
	 CHECK("A client that sends no SNI to a server that demands one.",
	       "Groups and signature algorithms configured to nothing.", "A middlebox that strips extensions.")},
	{"any/alert/unsupported_extension", "Extension not asked for (110)",
	 "A message carries an extension that was never offered, or that has no place in it.",
	 CHECK("A middlebox that alters the handshake.", "Known bugs of the server's stack.")},
	{"any/alert/certificate_unobtainable_RESERVED", "Certificate could not be fetched (111, reserved)",
	 "The server could not fetch the certificate from the URL the client gave.",
	 CHECK("Switch client_certificate_url off; nobody needs it.")},
	{"any/alert/unrecognized_name", "Server does not know this name (112)",
	 "The server has no host for the SNI that the client sent.",
	 CHECK("The SNI in this report: spelling, an address or internal name in place of the public one.",
	       "The server's virtual hosts and certificates (ssl_reject_handshake, strict SNI).",
	       "DNS that points to the wrong server or CDN property.")},
	{"any/alert/bad_certificate_status_response", "OCSP staple refused (113)",
	 "The client could not accept the OCSP answer the server stapled, or a certificate marked must-staple came "
	 "without.",
	 CHECK("Stapling at the server (ssl_stapling, SSLUseStapling): does it reach the OCSP responder?",
	       "openssl s_client -status: is the staple current and for this certificate?")},
	{"any/alert/bad_certificate_hash_value_RESERVED", "Certificate hash wrong (114, reserved)",
	 "The certificate fetched from a URL does not match the hash given.",
	 CHECK("Switch client_certificate_url off; nobody needs it.")},
	{"any/alert/unknown_psk_identity", "Pre-shared key unknown (115)",
	 "The server has no key for the identity the client gave.",
	 CHECK("Identity and key on both sides, letter case included.", "Keys that were rotated on one side only.")},
	{"any/alert/certificate_required", "Client certificate required (116)",
	 "TLS 1.3: the server demands a client certificate and got none.",
	 CHECK("Give the client its certificate and key.",
	       "The CAs that the server lists against the client's issuer.")},
	{"any/alert/general_error", "General error (117)", "The side that sent it gives no better reason.",
	 CHECK("Its log.")},
	{"any/alert/no_application_protocol", "No common application protocol (120)",
	 "ALPN: the server supports none of the protocols that the client offered.",
	 CHECK("ALPN offered (in this report) against the server's: h2, http/1.1, a protocol of its own.",
	       "A client of the wrong kind on this port: gRPC needs h2.")},
	{"any/alert/ech_required", "Encrypted ClientHello required (121)",
	 "The client demands ECH, and the server did not accept it.",
	 CHECK("The ECH configuration in DNS (HTTPS record) against the server's keys: rotated?",
	       "A server or CDN node without ECH.")},
};

/* The length of the first part of a path. */
static size_t part_length(const char *path)
{
	return strcspn(path, "/");
}

static bool part_is(const char *path, const char *word)
{
	size_t n = part_length(path);

	return n > 0 && strlen(word) == n && memcmp(path, word, n) == 0;
}

/* What follows the first part, with its '/'. */
static const char *rest_of(const char *path)
{
	return path + part_length(path);
}

static bool is_stage(const char *path)
{
	for (int i = 0; i < TLSDIAG_STAGES; i++) {
		if (part_is(path, tlsdiag_stage_name((enum tlsdiag_stage)i)))
			return true;
	}
	return part_is(path, "any");
}

static bool is_cause(const char *path)
{
	for (int i = TLSDIAG_TIMEOUT; i < TLSDIAG_CAUSES; i++) {
		if (part_is(path, tlsdiag_cause_name((enum tlsdiag_cause)i)))
			return true;
	}
	return false;
}

/* A stage, or a stage and a cause, with or without a detail. */
static bool is_signature(const char *signature)
{
	const char *rest = rest_of(signature);

	return is_stage(signature) && (!*rest || is_cause(rest + 1));
}

static bool is_prefix(const char *front, const char *whole)
{
	size_t n = strlen(front);

	return strncmp(front, whole, n) == 0 && (!whole[n] || whole[n] == '/');
}

/* How well a row's name fits a signature; 0: not at all. */
static int fit(const char *name, const char *signature)
{
	bool any = part_is(name, "any") && !part_is(signature, "any");
	int score = any ? 1 : 2;

	if (any ? !is_prefix(rest_of(name), rest_of(signature)) : !is_prefix(name, signature))
		return 0;
	for (; *name; name++)
		score += *name == '/' ? 2 : 0;
	return score;
}

const struct tlsdiag_words *tlsdiag_explain(const char *signature)
{
	const struct tlsdiag_words *best = NULL;
	int best_fit = 0;

	if (!is_signature(signature))
		return NULL;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		int f = fit(table[i].signature, signature);

		if (f > best_fit) {
			best = &table[i];
			best_fit = f;
		}
	}
	return best;
}
