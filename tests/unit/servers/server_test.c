/* server_test.c: a whole server, in a process of its own, and clients on loopback that see what its steps do to them.
 *
 * Whether the kernel acknowledged, how many segments came, and whether an end was a FIN or an RST is read from the
 * client's socket. Nothing waits for a time: the client reads until something comes, the events until the one that is
 * expected.
 */
#include "servers/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "servers/mint.h"
#include "servers/record.h"
#include "tests/unit/suite.h"

struct server {
	pid_t pid;
	FILE *control;
	int fd;
	uint16_t port;
};

enum { SYN_SENT = 2 }; /* TCP_SYN_SENT; the header that has it has an old tcp_info */

static char directory[] = "/tmp/server_test.XXXXXX";

static json_t *next_event(struct server *server)
{
	char line[4096];

	return fgets(line, sizeof(line), server->control) ? json_loads(line, 0, NULL) : NULL;
}

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool sees_packets(void)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Servers that end before they read watch packets arrive, which ordinary users may do in a network of their own
 * only. */
static void network_once(void)
{
	static bool done;
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	char uid[32], gid[32];
	int fd;

	if (done || sees_packets())
		return;
	done = true;
	snprintf(uid, sizeof(uid), "0 %u 1", getuid());
	snprintf(gid, sizeof(gid), "0 %u 1", getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return;
	CU_ASSERT_FATAL(put("/proc/self/setgroups", "deny") && put("/proc/self/uid_map", uid) &&
			put("/proc/self/gid_map", gid));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL_FATAL(ioctl(fd, SIOCSIFFLAGS, &loopback), 0);
	close(fd);
}

static bool skipped_without_packets(void)
{
	network_once();
	if (sees_packets())
		return false;
	unit_skip("packet sockets need CAP_NET_RAW or a user namespace");
	return true;
}

static void certificates_once(void)
{
	static bool made;
	char error[COMPLAINT_MAX], good[] = "good";
	char *names[] = {good};

	if (!made) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
		CU_ASSERT_FATAL(mint(directory, names, 1, error));
	}
	made = true;
}

/* Starts a server and hands it the text, which need not be right. */
static struct server launch(const char *text)
{
	struct server server;
	int pair[2];

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	fflush(stdout);
	server.pid = fork();
	CU_ASSERT_FATAL(server.pid >= 0);
	if (server.pid == 0) {
		close(pair[0]);
		_exit(server_run(pair[1], NULL));
	}
	close(pair[1]);
	server.fd = pair[0];
	server.control = fdopen(dup(pair[0]), "r");
	server.port = 0;
	CU_ASSERT_EQUAL(send(server.fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	return server;
}

/* A server with these steps, JSON text with ' for ", that has said it is ready. */
static struct server start(const char *steps, const char *more)
{
	char text[4096];
	struct server server;
	json_t *event;
	int port = 0;

	network_once();
	certificates_once();
	snprintf(
		text, sizeof(text),
		"{'listen': [{'address': '127.0.0.1', 'port': 0}], 'certificate': '%s/good.pem', 'key': '%s/good.key', "
		"'steps': %s%s}\n",
		directory, directory, steps, more);
	for (char *at = text; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	server = launch(text);
	event = next_event(&server);
	CU_ASSERT_PTR_NOT_NULL_FATAL(event);
	CU_ASSERT_EQUAL_FATAL(json_unpack(event, "{s:[{s:i}]}", "listen", "port", &port), 0);
	server.port = (uint16_t)port;
	json_decref(event);
	return server;
}

static int stop(struct server *server)
{
	int status = -1;

	shutdown(server->fd, SHUT_WR);
	while (fgetc(server->control) != EOF)
		;
	waitpid(server->pid, &status, 0);
	fclose(server->control);
	close(server->fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Whether the next events are these, with commas between: steps by their name, or "event:" and an event's. */
static bool events_are(struct server *server, const char *list)
{
	char names[256], *rest = names, *want;
	bool good = true;

	snprintf(names, sizeof(names), "%s", list);
	while (good && (want = strsep(&rest, ","))) {
		json_t *event = next_event(server);
		const char *key, *is;

		want += *want == ' ';
		key = strncmp(want, "event:", 6) == 0 ? "event" : "step";
		is = json_string_value(json_object_get(event, key));
		want = strcmp(key, "event") == 0 ? want + 6 : want;
		good = is && strcmp(is, want) == 0;
		if (!good)
			printf("# wanted %s, got %s\n", want, is ? is : "nothing");
		json_decref(event);
	}
	return good;
}

static int connect_to(const struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server->port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static int unacknowledged(int fd)
{
	int count = -1;

	ioctl(fd, SIOCOUTQ, &count);
	return count;
}

static void send_all(int fd, const void *bytes, size_t length)
{
	CU_ASSERT_EQUAL(send(fd, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
}

/* Reads to the end: 0 after a FIN, else the error. */
static int read_to_end(int fd, struct buffer *all)
{
	for (;;) {
		uint8_t bytes[4096];
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		if (n <= 0)
			return n == 0 ? 0 : errno;
		buffer_append(all, bytes, (size_t)n);
	}
}

/* An OpenSSL client over memory, for its ClientHello or for a handshake over a socket. */
static SSL *make_client(int max_version)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl;

	SSL_CTX_set_max_proto_version(context, max_version);
	ssl = SSL_new(context);
	SSL_CTX_free(context);
	SSL_set_tlsext_host_name(ssl, "api.example.net");
	return ssl;
}

static size_t client_hello(int max_version, uint8_t *bytes, size_t size)
{
	SSL *ssl = make_client(max_version);
	BIO *out = BIO_new(BIO_s_mem());
	int length;

	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
	SSL_connect(ssl);
	length = BIO_read(out, bytes, (int)size);
	SSL_free(ssl);
	return length > 0 ? (size_t)length : 0;
}

static void test_wrong_specification(void)
{
	static const struct {
		const char *text;
		const char *message;
	} rows[] = {
		{"{\"listen\": 1}\n", "listen: must be a list of 1 to 16 addresses"},
		{"{\"listen\": [{\"address\": \"127.0.0.1\", \"port\": 0}], \"tls\": [[\"MinProtocl\", "
		 "\"TLSv1.2\"]]}\n",
		 "SSL_CONF_cmd MinProtocl: unknown name"},
		{"{\"listen\": [{\"address\": \"127.0.0.1\", \"port\": 0}], \"tls\": [[\"MinProtocol\", \"TLSv9\"]]}\n",
		 "SSL_CONF_cmd MinProtocol: bad value \"TLSv9\" (bad value)"},
		{"{\"listen\": [{\"address\": \"127.0.0.1\", \"port\": 0}], \"certificate\": \"/none\", \"key\": "
		 "\"/none\"}\n",
		 "certificate: /none: No such file or directory"},
		{"{\"listen\": [{\"address\": \"127.0.0.1\", \"port\": 0}], \"staple\": \"/none\"}\n",
		 "staple: /none: No such file or directory"},
		{"{\"listen\": [{\"address\": \"192.0.2.254\", \"port\": 1}]}\n",
		 "listen on 192.0.2.254 port 1: Cannot assign requested address"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct server server = launch(rows[i].text);
		json_t *event = next_event(&server);
		const char *message = json_string_value(json_object_get(event, "message"));

		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(event, "event")), "error");
		CU_ASSERT_STRING_EQUAL(message ? message : "", rows[i].message);
		json_decref(event);
		CU_ASSERT_EQUAL(stop(&server), 2);
	}
}

static void test_cut_specification(void)
{
	struct server server = launch("{\"listen\": [");

	CU_ASSERT_EQUAL(stop(&server), 2);
}

/* The client's data is never acknowledged, and no RST follows the FIN. */
static void test_close_unread(void)
{
	struct server server;
	struct buffer all = {0};
	int fd;

	if (skipped_without_packets())
		return;
	server = start("['close']", "");
	fd = connect_to(&server);
	send_all(fd, "0123456789", 10);
	CU_ASSERT_EQUAL(read_to_end(fd, &all), 0);
	CU_ASSERT(events_are(&server, "close"));
	send_all(fd, "more", 4);
	CU_ASSERT_EQUAL(unacknowledged(fd), 14);
	CU_ASSERT_EQUAL(read_to_end(fd, &all), 0);
	CU_ASSERT_EQUAL(all.length, 0);
	CU_ASSERT_EQUAL(stop(&server), 0);
	close(fd);
}

static void test_reset_unread(void)
{
	struct server server;
	struct buffer all = {0};
	int fd;

	if (skipped_without_packets())
		return;
	server = start("['reset']", "");
	fd = connect_to(&server);
	CU_ASSERT_EQUAL(read_to_end(fd, &all), ECONNRESET);
	CU_ASSERT(events_are(&server, "reset, event:closed"));
	CU_ASSERT_EQUAL(stop(&server), 0);
	close(fd);
}

static void test_reset_awaits_data(void)
{
	struct server server;
	struct buffer all = {0};
	char byte;
	int fd;

	if (skipped_without_packets())
		return;
	server = start("['await data', 'reset']", "");
	fd = connect_to(&server);
	CU_ASSERT_EQUAL(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	CU_ASSERT_EQUAL(errno, EAGAIN);
	send_all(fd, "data", 4);
	CU_ASSERT_EQUAL(read_to_end(fd, &all), ECONNRESET);
	CU_ASSERT(events_are(&server, "await data, reset, event:closed"));
	close(fd);
	/* and a client that leaves without data is no reset */
	fd = connect_to(&server);
	close(fd);
	CU_ASSERT(events_are(&server, "event:failed, event:closed"));
	CU_ASSERT_EQUAL(stop(&server), 0);
}

/* However the ClientHello comes, it is acknowledged before the FIN or in the RST. */
static void test_read_client_hello(void)
{
	static const char *const steps[] = {"['read client-hello', 'close']", "['read client-hello', 'reset']"};
	uint8_t hello[4096];
	size_t length = client_hello(TLS1_3_VERSION, hello, sizeof(hello));

	for (size_t i = 0; i < 2; i++) {
		struct server server = start(steps[i], "");

		for (size_t cut = 1; cut < length; cut += 37) {
			struct buffer records = {0}, all = {0};
			int fd = connect_to(&server);

			CU_ASSERT(record_split(&records, hello, length, cut));
			send_all(fd, records.data, cut);
			send_all(fd, records.data + cut, records.length - cut);
			CU_ASSERT_EQUAL(read_to_end(fd, &all), i == 0 ? 0 : ECONNRESET);
			CU_ASSERT_EQUAL(unacknowledged(fd), 0);
			close(fd);
			CU_ASSERT(events_are(&server, i == 0 ? "read client-hello, close, event:closed"
							     : "read client-hello, reset, event:closed"));
			buffer_free(&records);
		}
		CU_ASSERT_EQUAL(stop(&server), 0);
	}
}

static void test_not_a_client_hello(void)
{
	struct server server = start("['read client-hello', 'hold']", "");
	int fd = connect_to(&server);
	struct buffer all = {0};

	send_all(fd, "GET / HTTP/1.1\r\n\r\n", 18);
	CU_ASSERT(events_are(&server, "event:failed"));
	CU_ASSERT_EQUAL(read_to_end(fd, &all), 0);
	close(fd);
	CU_ASSERT(events_are(&server, "event:closed"));
	CU_ASSERT_EQUAL(stop(&server), 0);
}

static void test_alert_and_bytes(void)
{
	struct server server = start("['read client-hello', {'alert': 'protocol_version'}, "
				     "{'send-hex': {'bytes': 'ff00', 'times': 2}}, {'send-text': 'bye'}]",
				     "");
	uint8_t hello[4096];
	size_t length = client_hello(TLS1_2_VERSION, hello, sizeof(hello));
	struct buffer all = {0};
	int fd = connect_to(&server);

	send_all(fd, hello, length);
	CU_ASSERT_EQUAL(read_to_end(fd, &all), 0);
	CU_ASSERT_EQUAL(all.length, 14);
	CU_ASSERT(memcmp(all.data,
			 "\x15\x03\x03\x00\x02\x02\x46\xff\x00\xff\x00"
			 "bye",
			 14) == 0);
	close(fd);
	CU_ASSERT(events_are(&server, "read client-hello, alert, send-hex, send-text, event:closed"));
	CU_ASSERT_EQUAL(stop(&server), 0);
	buffer_free(&all);
}

/* The classic case: seven bytes and a FIN, for a client that no longer offers what the server speaks. */
static void test_old_server(void)
{
	struct server server = start("['handshake', 'http']",
				     ", 'tls': [['MaxProtocol', 'TLSv1.1'], ['CipherString', 'DEFAULT@SECLEVEL=0']]");
	SSL *ssl = make_client(TLS1_3_VERSION);
	BIO *out = BIO_new(BIO_s_mem());
	uint8_t hello[4096];
	struct buffer all = {0};
	int fd = connect_to(&server), length;

	SSL_set_min_proto_version(ssl, TLS1_2_VERSION);
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
	SSL_connect(ssl);
	length = BIO_read(out, hello, sizeof(hello));
	send_all(fd, hello, (size_t)length);
	CU_ASSERT_EQUAL(read_to_end(fd, &all), 0);
	CU_ASSERT_EQUAL_FATAL(all.length, 7);
	CU_ASSERT_EQUAL(all.data[0], RECORD_ALERT);
	CU_ASSERT(all.data[5] == 2 && all.data[6] == 70);
	CU_ASSERT_EQUAL(unacknowledged(fd), 0);
	close(fd);
	CU_ASSERT(events_are(&server, "event:handshake, event:closed"));
	CU_ASSERT_EQUAL(stop(&server), 0);
	SSL_free(ssl);
	buffer_free(&all);
}

/* A client that goes all the way; what it reads of the answer. */
static size_t fetch(const struct server *server, int version, char *answer, size_t size)
{
	SSL *ssl = make_client(version);
	int fd = connect_to(server);
	size_t total = 0, n;

	SSL_set_fd(ssl, fd);
	if (SSL_connect(ssl) == 1 && SSL_write(ssl, "GET / HTTP/1.1\r\n\r\n", 18) == 18)
		while (total + 1 < size && SSL_read_ex(ssl, answer + total, size - 1 - total, &n) == 1)
			total += n;
	answer[total] = 0;
	SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
	return total;
}

static void test_healthy(void)
{
	struct server server = start("['read client-hello', 'handshake', 'http']", "");
	char answer[1024];

	for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
		CU_ASSERT(fetch(&server, version, answer, sizeof(answer)) > 0);
		CU_ASSERT(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) == 0);
		CU_ASSERT(events_are(&server, "read client-hello, event:handshake, handshake, http, event:closed"));
	}
	CU_ASSERT_EQUAL(stop(&server), 0);
}

/* How many connections the server counts when it is asked. Its answer to the second question comes after it has dealt
 * with all that was sent to it before the first. */
static int ask_twice(struct server *server)
{
	int count = -1;

	for (int answers = 0; answers < 2;) {
		json_t *event;

		if (answers == 0)
			send_all(server->fd, "\n", 1);
		event = next_event(server);
		CU_ASSERT_PTR_NOT_NULL_FATAL(event);
		if (json_unpack(event, "{s:i}", "connections", &count) == 0 && ++answers == 1)
			send_all(server->fd, "\n", 1);
		json_decref(event);
	}
	return count;
}

static bool nothing_came(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static void test_asked(void)
{
	struct server server = start("['handshake', 'http']", "");
	int one, other;

	CU_ASSERT_EQUAL(ask_twice(&server), 0);
	one = connect_to(&server);
	other = connect_to(&server);
	CU_ASSERT_EQUAL(ask_twice(&server), 2);
	close(one);
	close(other);
	CU_ASSERT_EQUAL(stop(&server), 0);
}

/* In TLS 1.3 what the server says after the client's Finished does not overtake what the client says behind it. */
static void test_tickets_follow(void)
{
	struct server server = start("['handshake', 'http']", "");
	SSL *ssl = make_client(TLS1_3_VERSION);
	int fd = connect_to(&server);
	char answer[1024];
	size_t length = 0;

	SSL_set_fd(ssl, fd);
	CU_ASSERT_EQUAL(SSL_connect(ssl), 1);
	ask_twice(&server);
	CU_ASSERT(nothing_came(fd));
	CU_ASSERT_EQUAL(SSL_write(ssl, "GET / HTTP/1.1\r\n\r\n", 18), 18);
	CU_ASSERT_EQUAL(SSL_read_ex(ssl, answer, sizeof(answer), &length), 1);
	CU_ASSERT(length > 0 && memcmp(answer, "HTTP", 4) == 0);
	SSL_free(ssl);
	close(fd);
	CU_ASSERT_EQUAL(stop(&server), 0);
}

/* A client that has said close_notify, instead of a request, ends the connection; the server does not overtake it. */
static void test_client_closes_first(void)
{
	for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
		struct server server = start("['handshake', 'http']", "");
		SSL *ssl = make_client(version);
		int fd = connect_to(&server);
		struct buffer rest = {0};

		SSL_set_fd(ssl, fd);
		CU_ASSERT_EQUAL(SSL_connect(ssl), 1);
		SSL_shutdown(ssl);
		ask_twice(&server);
		CU_ASSERT(nothing_came(fd));
		shutdown(fd, SHUT_WR);
		CU_ASSERT_EQUAL(read_to_end(fd, &rest), 0);
		SSL_free(ssl);
		close(fd);
		buffer_free(&rest);
		CU_ASSERT_EQUAL(stop(&server), 0);
	}
}

/* Hundreds that do nothing, and one that is served. */
static void test_side_by_side(void)
{
	enum { IDLE = 300 };
	struct server server = start("['handshake', 'http']", "");
	int idle[IDLE];
	char answer[1024];

	for (int i = 0; i < IDLE; i++)
		idle[i] = connect_to(&server);
	CU_ASSERT(fetch(&server, TLS1_3_VERSION, answer, sizeof(answer)) > 0);
	for (int i = 0; i < IDLE / 2; i++)
		close(idle[i]);
	CU_ASSERT(fetch(&server, TLS1_3_VERSION, answer, sizeof(answer)) > 0);
	CU_ASSERT_EQUAL(stop(&server), 0);
	for (int i = IDLE / 2; i < IDLE; i++)
		close(idle[i]);
}

/* Everything before the end of the message is there, and nothing after it; types are handshake messages, 0: an
 * encrypted one. */
static void check_flight(const char *until, int version, const uint8_t *types, size_t count)
{
	char steps[128];
	uint8_t hello[4096];
	size_t length = client_hello(version, hello, sizeof(hello)), at = 0, seen = 0;
	struct buffer all = {0};
	struct server server;
	int fd;

	snprintf(steps, sizeof(steps), "['handshake until %s', 'close']", until);
	server = start(steps, "");
	fd = connect_to(&server);
	send_all(fd, hello, length);
	CU_ASSERT_EQUAL(read_to_end(fd, &all), 0);
	while (at + RECORD_HEADER < all.length) {
		uint8_t type = all.data[at];

		if (type != RECORD_CHANGE_CIPHER_SPEC) {
			CU_ASSERT_FATAL(seen < count);
			CU_ASSERT_EQUAL(type == RECORD_HANDSHAKE ? all.data[at + RECORD_HEADER] : 0, types[seen]);
			seen++;
		}
		at += RECORD_HEADER + (size_t)(all.data[at + 3] << 8 | all.data[at + 4]);
	}
	CU_ASSERT_EQUAL(at, all.length);
	CU_ASSERT_EQUAL(seen, count);
	close(fd);
	snprintf(steps, sizeof(steps), "handshake until %s, close", until);
	CU_ASSERT(events_are(&server, steps));
	CU_ASSERT_EQUAL(stop(&server), 0);
	buffer_free(&all);
}

static void test_handshake_until(void)
{
	static const uint8_t tls12[] = {2, 11, 12, 14}, tls13[] = {2, 0, 0, 0, 0};

	check_flight("client-hello", TLS1_2_VERSION, tls12, 0);
	check_flight("server-hello", TLS1_2_VERSION, tls12, 1);
	check_flight("certificate", TLS1_2_VERSION, tls12, 2);
	check_flight("server-key-exchange", TLS1_2_VERSION, tls12, 3);
	check_flight("server-flight", TLS1_2_VERSION, tls12, 4);
	check_flight("server-hello", TLS1_3_VERSION, tls13, 1);
	check_flight("encrypted-extensions", TLS1_3_VERSION, tls13, 2);
	check_flight("certificate", TLS1_3_VERSION, tls13, 3);
	check_flight("server-flight", TLS1_3_VERSION, tls13, 5);
}

/* A handshake in many stops is a handshake, also in small records and segments. */
static void test_handshake_in_parts(void)
{
	static const char *const steps[] = {
		"['handshake until server-hello', 'handshake until certificate', 'handshake until server-flight', "
		"'handshake until client-flight', 'handshake', 'http']",
		"[{'split': {'records': 7}}, 'handshake', 'http']",
		"[{'split': {'segments': 50}}, 'handshake', 'http']",
		"[{'split': {'segments': 400, 'acknowledged': true}}, 'handshake', 'http']",
	};
	char answer[1024];

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct server server = start(steps[i], "");

		CU_ASSERT(fetch(&server, TLS1_2_VERSION, answer, sizeof(answer)) > 0);
		CU_ASSERT(fetch(&server, TLS1_3_VERSION, answer, sizeof(answer)) > 0);
		CU_ASSERT_EQUAL(stop(&server), 0);
	}
}

static void test_segments(void)
{
	static const char *const steps[] = {
		"[{'split': {'segments': 1}}, {'expect': 'go'}, {'send-text': '0123456789'}]",
		"[{'split': {'segments': 1, 'acknowledged': true}}, {'expect': 'go'}, {'send-text': '0123456789'}]",
	};

	for (size_t i = 0; i < 2; i++) {
		struct server server = start(steps[i], "");
		struct buffer all = {0};
		struct tcp_info info = {0};
		socklen_t size = sizeof(info);
		int fd = connect_to(&server);

		send_all(fd, "go", 2);
		CU_ASSERT_EQUAL(read_to_end(fd, &all), 0);
		CU_ASSERT(all.length == 10 && memcmp(all.data, "0123456789", 10) == 0);
		CU_ASSERT_EQUAL(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
		CU_ASSERT_EQUAL(info.tcpi_data_segs_in, 10);
		close(fd);
		CU_ASSERT_EQUAL(stop(&server), 0);
		buffer_free(&all);
	}
}

static void test_corrupt(void)
{
	static const struct {
		const char *message;
		int version;
	} rows[] = {{"server-key-exchange", TLS1_2_VERSION},
		    {"finished", TLS1_2_VERSION},
		    {"finished", TLS1_3_VERSION},
		    {"certificate-verify", TLS1_3_VERSION},
		    {"server-hello", TLS1_3_VERSION},
		    {"application-data", TLS1_2_VERSION},
		    {"application-data", TLS1_3_VERSION}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char steps[128], answer[64];
		struct server server;

		snprintf(steps, sizeof(steps), "['corrupt %s', 'handshake', 'http']", rows[i].message);
		server = start(steps, "");
		CU_ASSERT_EQUAL(fetch(&server, rows[i].version, answer, sizeof(answer)), 0);
		snprintf(steps, sizeof(steps),
			 strcmp(rows[i].message, "application-data") == 0 ? "event:handshake, handshake, corrupt %s"
									  : "corrupt %s, event:handshake",
			 rows[i].message);
		CU_ASSERT(events_are(&server, steps));
		CU_ASSERT_EQUAL(stop(&server), 0);
	}
}

/* What was to be changed but never came is no fault that fired. */
static void test_corrupt_nothing(void)
{
	struct server server = start("['corrupt server-key-exchange', 'handshake', 'http']", "");
	char answer[1024];

	CU_ASSERT(fetch(&server, TLS1_3_VERSION, answer, sizeof(answer)) > 0);
	CU_ASSERT(events_are(&server, "event:handshake, handshake, http"));
	CU_ASSERT_EQUAL(stop(&server), 0);
}

static void test_preamble(void)
{
	struct server server = start("[{'preamble': {'protocol': 'imap', 'refuse': true}}, 'close']", "");
	static const char wanted[] = "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n"
				     "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK done\r\n"
				     "a2 NO TLS not available\r\n";
	struct buffer all = {0};
	int fd = connect_to(&server);

	send_all(fd, "a1 capab", 8);
	send_all(fd, "ility\r\na2 STARTTLS\r\n", 20);
	CU_ASSERT_EQUAL(read_to_end(fd, &all), 0);
	CU_ASSERT(all.length == strlen(wanted) && memcmp(all.data, wanted, all.length) == 0);
	close(fd);
	CU_ASSERT(events_are(&server, "preamble, close, event:closed"));
	CU_ASSERT_EQUAL(stop(&server), 0);
	buffer_free(&all);
}

static void test_unexpected_words(void)
{
	struct server server = start("[{'preamble': 'postgres'}, 'handshake']", "");
	struct buffer all = {0};
	int fd = connect_to(&server);

	/* a cancel request instead of SSLRequest */
	send_all(fd, "\x00\x00\x00\x10\x04\xd2\x16\x2e", 8);
	CU_ASSERT(events_are(&server, "event:failed"));
	CU_ASSERT_EQUAL(read_to_end(fd, &all), 0);
	CU_ASSERT_EQUAL(all.length, 0);
	close(fd);
	CU_ASSERT_EQUAL(stop(&server), 0);
}

static void test_stall_and_hold(void)
{
	struct server server = start("[{'stall': 1}, {'expect': 'x'}, 'hold']", "");
	struct buffer all = {0};
	int fd = connect_to(&server);

	send_all(fd, "x", 1);
	CU_ASSERT(events_are(&server, "stall, expect, hold"));
	/* unread data when the client leaves makes no RST */
	send_all(fd, "unread", 6);
	shutdown(fd, SHUT_WR);
	CU_ASSERT_EQUAL(read_to_end(fd, &all), 0);
	CU_ASSERT(events_are(&server, "event:closed"));
	close(fd);
	CU_ASSERT_EQUAL(stop(&server), 0);
}

/* Clients that go away in the middle of any step, in order or by RST, leave a server that serves the next one. */
static void test_vanishing_clients(void)
{
	static const char *const steps[] = {"['read client-hello', 'handshake', 'http']", "[{'stall': 3600000}]",
					    "['hold']", "[{'http': 4000000}]",
					    "[{'split': {'segments': 1, 'acknowledged': true}}, "
					    "{'http': 100000}]"};

	if (skipped_without_packets())
		return;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct server server = start(steps[i], "");

		for (int way = 0; way < 2; way++) {
			struct linger now = {.l_onoff = 1, .l_linger = 0};
			int fd = connect_to(&server);

			send_all(fd, i < 3 ? "\x16\x03\x01\x01" : "\r\n\r\n", 4);
			if (way == 1)
				setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
			close(fd);
		}
		close(connect_to(&server));
		CU_ASSERT_EQUAL(stop(&server), 0);
	}
}

static void test_full_backlog(void)
{
	char text[] = "{\"listen\": [{\"address\": \"127.0.0.1\", \"port\": 0, \"full\": true}]}\n";
	struct server server = launch(text);
	json_t *event = next_event(&server);
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), port = 0;

	CU_ASSERT_EQUAL(json_unpack(event, "{s:[{s:i}]}", "listen", "port", &port), 0);
	address.sin_port = htons((uint16_t)port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CU_ASSERT_EQUAL(connect(fd, (struct sockaddr *)&address, sizeof(address)), -1);
	CU_ASSERT_EQUAL(errno, EINPROGRESS);
	/* a second SYN is on its way, and still nothing has come back */
	while (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_total_retrans == 0)
		poll(NULL, 0, 10);
	CU_ASSERT_EQUAL(info.tcpi_state, SYN_SENT);
	close(fd);
	json_decref(event);
	CU_ASSERT_EQUAL(stop(&server), 0);
}

/* The last in the table. */
static void test_clean_up(void)
{
	static const char *const files[] = {"good.pem",        "good.key",         "good.ocsp", "root.pem",
					    "client-root.pem", "unknown-root.pem", "crl.pem",   "dh-1024.pem"};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", directory, files[i]);
		unlink(path);
	}
	CU_ASSERT_EQUAL(rmdir(directory), 0);
}

const struct unit_test unit_tests[] = {
	{"a wrong specification is an error event and exit status 2", test_wrong_specification},
	{"a specification that is cut short is an error", test_cut_specification},
	{"close before reading is a FIN, and what came is never acknowledged", test_close_unread},
	{"reset before reading is an RST", test_reset_unread},
	{"a reset can wait for data that it does not take in", test_reset_awaits_data},
	{"a ClientHello in any pieces is acknowledged before FIN or RST", test_read_client_hello},
	{"what is not a ClientHello is reported", test_not_a_client_hello},
	{"alerts, bytes and text arrive as they are, then a FIN", test_alert_and_bytes},
	{"a server of old versions answers with seven bytes and a FIN", test_old_server},
	{"a ClientHello that was read still begins a handshake, and HTTP is answered", test_healthy},
	{"when asked, it counts its connections, also those it has not looked at yet", test_asked},
	{"tickets wait for what the client says behind its Finished", test_tickets_follow},
	{"a client that says close_notify is the first to close", test_client_closes_first},
	{"hundreds of idle connections do not keep another waiting", test_side_by_side},
	{"a handshake stops exactly after a message", test_handshake_until},
	{"a handshake that stops, or is cut into records or segments, still succeeds", test_handshake_in_parts},
	{"segments are as small as they shall be", test_segments},
	{"a corrupted message is reported and refused", test_corrupt},
	{"a message that never comes is not reported as corrupted", test_corrupt_nothing},
	{"a preamble answers lines that come in pieces", test_preamble},
	{"a client that says something else is reported", test_unexpected_words},
	{"hold ends when the client does, without an RST", test_stall_and_hold},
	{"clients may vanish at any moment", test_vanishing_clients},
	{"a full backlog answers no SYN", test_full_backlog},
	{"certificates are cleaned up", test_clean_up},
	{NULL, NULL},
};
