/* save_test.c: captures that are analyzed and saved, then read back: packets, comments and their frames, secrets. */
#include "tests/unit/suite.h"
#include "tests/unit/wire.h"

#include "analyzer/cli/capture_file.h"
#include "analyzer/cli/pcapng_write.h"
#include "analyzer/cli/save.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
	char directory[64], in[128], out[128];
};

static struct place new_place(void)
{
	struct place p = {"/tmp/save_test.XXXXXX", "", ""};

	CU_ASSERT_FATAL(mkdtemp(p.directory) != NULL);
	snprintf(p.in, sizeof(p.in), "%s/in", p.directory);
	snprintf(p.out, sizeof(p.out), "%s/out", p.directory);
	return p;
}

static void leave(struct place *p)
{
	unlink(p->in);
	unlink(p->out);
	CU_ASSERT(rmdir(p->directory) == 0); /* nothing else may be left in it */
}

/* A server that answers the ClientHello with an alert. Frames: 1 SYN, 2 SYN-ACK, 3 ACK, 4 ClientHello, 5 ACK, 6 alert,
 * 7 FIN … */
static struct wire *alert_wire(void)
{
	struct wire *w = wire_new(4);
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net"});
	struct wire_bytes alert = wire_alert(2, 70);

	wire_connect(w);
	wire_data(w, CLIENT, &hello, 1460);
	wire_segment(w, SERVER, ".");
	wire_data(w, SERVER, &alert, 1460);
	wire_segment(w, SERVER, "F.");
	wire_segment(w, CLIENT, "F.");
	wire_segment(w, SERVER, ".");
	return w;
}

/* As a pcapng of two interfaces, every packet with a comment, one of them a verdict's of an earlier time. */
static void put_capture(const char *path, const struct wire *w, const char *secrets)
{
	static const char *const texts[] = {"seen at the gateway", "tlsdiag 7: SYN"};
	FILE *f = fopen(path, "w");
	struct pcapng_writer *writer = f ? pcapng_writer_new(f, (struct pcapng_comments){0}) : NULL;

	CU_ASSERT_FATAL(writer != NULL);
	pcapng_write_secrets(writer, secrets, strlen(secrets));
	for (size_t i = 0; i < w->count; i++) {
		struct tlsdiag_packet p = {.time_ns = w->packets[i].time_ns + (int64_t)i,
					   .bytes = w->packets[i].bytes,
					   .captured = w->packets[i].captured,
					   .wire = w->packets[i].wire};

		pcapng_write_packet(writer,
				    &(struct pcapng_packet){WIRE_LINKTYPE, i % 2 ? "eth1" : "eth0", &p, {texts, 2}});
	}
	CU_ASSERT(pcapng_write_end(writer, 5));
	pcapng_writer_free(writer);
	fclose(f);
}

/* ---- Saving ---- */

struct saving {
	struct save *save;
	struct tlsdiag *analyzer;
	uint64_t from; /* the filter: frames from this one on, but for number 5 */
};

static void on_verdict(const struct tlsdiag_verdict *verdict, void *context)
{
	save_verdict(((struct saving *)context)->save, verdict);
}

static void on_secrets(void *context, const char *text, size_t length)
{
	save_secrets(((struct saving *)context)->save, text, length);
}

/* Reads the capture to its end, from a descriptor. */
static void analyze(struct saving *s, int fd, struct report_capture *capture)
{
	char error[256];
	struct source *source = capture_file_open_fd(fd, error, sizeof(error));
	struct source_packet p;

	CU_ASSERT_FATAL(source != NULL);
	s->analyzer = tlsdiag_new(NULL, on_verdict, s);
	CU_ASSERT_FATAL(s->analyzer != NULL);
	source->on_secrets = on_secrets;
	source->context = s;
	save_attach(s->save, source);
	while (source_next(source, &p) == SOURCE_PACKET) {
		if (p.packet.frame < s->from || (s->from && p.packet.frame == 5))
			continue;
		tlsdiag_packet(s->analyzer, p.linktype, &p.packet);
		save_packet(s->save, &p);
	}
	tlsdiag_finish(s->analyzer);
	tlsdiag_counts(s->analyzer, &capture->counts);
	capture->dropped = source->dropped;
	source_close(source);
	tlsdiag_free(s->analyzer);
}

/* Saves p->in to p->out. `piped`: as what can be read only once. */
static void save(struct place *p, bool piped, bool secrets, uint64_t from)
{
	struct report_capture capture = {.name = p->in};
	char error[256];
	struct saving s = {.save = save_new(p->out, secrets, error, sizeof(error)), .from = from};
	int in = open(p->in, O_RDONLY | O_CLOEXEC);

	CU_ASSERT_FATAL(s.save != NULL);
	CU_ASSERT_FATAL(save_begin(s.save, piped ? -1 : in, error, sizeof(error)));
	analyze(&s, in, &capture);
	CU_ASSERT(access(p->out, F_OK) != 0);
	CU_ASSERT(save_finish(s.save, &capture, error, sizeof(error)));
	save_free(s.save);
}

/* ---- Reading back ---- */

struct readers_comments {
	char text[4][512];
	size_t count;
};

static void take_comment(void *context, const char *text, size_t length)
{
	struct readers_comments *c = context;

	CU_ASSERT_FATAL(c->count < 4 && length < sizeof(c->text[0]));
	memcpy(c->text[c->count], text, length);
	c->text[c->count++][length] = '\0';
}

static struct source *read_back(const struct place *p, struct readers_comments *comments)
{
	char error[256];
	struct source *source = capture_file_open(p->out, error, sizeof(error));

	CU_ASSERT_FATAL(source != NULL);
	source->on_comment = take_comment;
	source->comment_context = comments;
	return source;
}

static const char *const expected[] = {
	"tlsdiag 1: SYN",
	"tlsdiag 1: SYN-ACK",
	"tlsdiag 1: ACK",
	"tlsdiag 1: ClientHello, SNI api.example.net",
	NULL,
	"tlsdiag 1: alert fatal protocol_version (70); failed: server-hello/alert/protocol_version, by server: ",
	"tlsdiag 1: FIN",
	"tlsdiag 1: FIN",
	NULL,
};

static void check_saved(const struct place *p, const struct wire *w)
{
	struct readers_comments comments = {.count = 0};
	struct source *source = read_back(p, &comments);
	struct source_packet packet;

	CU_ASSERT_EQUAL_FATAL(w->count, sizeof(expected) / sizeof(*expected));
	for (size_t i = 0; i < w->count; i++) {
		comments.count = 0;
		CU_ASSERT_FATAL(source_next(source, &packet) == SOURCE_PACKET);
		CU_ASSERT_EQUAL(packet.linktype, WIRE_LINKTYPE);
		CU_ASSERT_EQUAL(packet.packet.time_ns, w->packets[i].time_ns + (int64_t)i);
		CU_ASSERT_EQUAL(packet.packet.wire, w->packets[i].wire);
		CU_ASSERT_FATAL(packet.packet.captured == w->packets[i].captured);
		CU_ASSERT(memcmp(packet.packet.bytes, w->packets[i].bytes, packet.packet.captured) == 0);
		CU_ASSERT_STRING_EQUAL(packet.interface, i % 2 ? "eth1" : "eth0");
		CU_ASSERT_FATAL(comments.count == (expected[i] ? 2 : 1));
		CU_ASSERT_STRING_EQUAL(comments.text[0], "seen at the gateway");
		if (expected[i])
			CU_ASSERT_NSTRING_EQUAL(comments.text[1], expected[i], strlen(expected[i]));
	}
	CU_ASSERT_EQUAL(source_next(source, &packet), SOURCE_END);
	CU_ASSERT_EQUAL(source->dropped, 5);
	source_close(source);
}

static void test_saved(void)
{
	struct wire *w = alert_wire();

	for (int piped = 0; piped < 2; piped++) {
		struct place p = new_place();

		put_capture(p.in, w, "");
		save(&p, piped, false, 0);
		check_saved(&p, w);
		leave(&p);
	}
	wire_free(w);
}

/* What the filter drops is not there; comments are where their frames are now. */
static void test_filtered(void)
{
	struct wire *w = alert_wire();

	for (int piped = 0; piped < 2; piped++) {
		struct readers_comments comments = {.count = 0};
		struct place p = new_place();
		struct source *source;
		struct source_packet packet;

		put_capture(p.in, w, "");
		save(&p, piped, false, 4); /* the ClientHello, then the alert and what comes after it */
		source = read_back(&p, &comments);
		for (size_t i = 3; i < w->count; i += i == 3 ? 2 : 1) {
			comments.count = 0;
			CU_ASSERT_FATAL(source_next(source, &packet) == SOURCE_PACKET);
			CU_ASSERT_EQUAL(packet.packet.time_ns, w->packets[i].time_ns + (int64_t)i);
			CU_ASSERT_FATAL(comments.count == (expected[i] ? 2 : 1));
			if (i == 3)
				CU_ASSERT_STRING_EQUAL(comments.text[1], expected[i]);
			if (i == 5)
				CU_ASSERT_PTR_NOT_NULL(strstr(comments.text[1], "failed: "));
		}
		CU_ASSERT_EQUAL(source_next(source, &packet), SOURCE_END);
		source_close(source);
		leave(&p);
	}
	wire_free(w);
}

static bool file_holds(const char *path, const char *text)
{
	FILE *f = fopen(path, "r");
	static char bytes[1 << 16];
	size_t n;

	CU_ASSERT_FATAL(f != NULL);
	n = fread(bytes, 1, sizeof(bytes), f);
	CU_ASSERT_FATAL(n < sizeof(bytes));
	fclose(f);
	return memmem(bytes, n, text, strlen(text));
}

#define OTHER "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

/* The random of the wire's ClientHello, in hexadecimal. */
static void random_of(const struct wire *w, char hex[65])
{
	/* Ethernet 14, IPv4 20, TCP 20 (it has no options here), record 5, message 4, version 2 */
	const uint8_t *random = w->packets[3].bytes + 14 + 20 + 20 + 5 + 4 + 2;

	for (size_t i = 0; i < 32; i++)
		sprintf(hex + 2 * i, "%02x", random[i]);
}

/* Secrets of the capture's own connection go into it when that is wanted; others never. */
static void test_secrets(void)
{
	struct wire *w = alert_wire();
	char random[65], secrets[512];

	random_of(w, random);
	snprintf(secrets, sizeof(secrets), "CLIENT_RANDOM " OTHER " 00\nCLIENT_RANDOM %s 11\n", random);
	for (int wanted = 0; wanted < 2; wanted++) {
		struct place p = new_place();

		put_capture(p.in, w, secrets);
		save(&p, false, wanted, 0);
		CU_ASSERT_EQUAL(file_holds(p.out, random), wanted);
		CU_ASSERT(!file_holds(p.out, OTHER));
		leave(&p);
	}
	wire_free(w);
}

static void test_discarded(void)
{
	struct wire *w = alert_wire();
	struct place p = new_place();
	char error[256];
	struct save *s;

	put_capture(p.in, w, "");
	s = save_new(p.out, false, error, sizeof(error));
	CU_ASSERT_FATAL(s != NULL);
	CU_ASSERT(save_begin(s, -1, error, sizeof(error)));
	save_free(s);
	CU_ASSERT(access(p.out, F_OK) != 0);
	leave(&p);
	wire_free(w);
}

/* However it is named, a file that is read is not overwritten. */
static void test_refused(void)
{
	struct wire *w = alert_wire();
	struct place p = new_place();
	char error[256];
	struct save *s;
	int in, null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	put_capture(p.in, w, "");
	in = open(p.in, O_RDONLY | O_CLOEXEC);
	CU_ASSERT_FATAL(link(p.in, p.out) == 0);
	s = save_new(p.out, false, error, sizeof(error));
	CU_ASSERT_FATAL(s != NULL);
	CU_ASSERT(save_refuses(s, in));
	CU_ASSERT(!save_refuses(s, null));
	CU_ASSERT(!save_refuses(s, -1));
	save_free(s);
	close(in);
	close(null);
	leave(&p);
	wire_free(w);
}

/* The capture is cut short between the two readings: nothing is saved. */
static void test_changed(void)
{
	struct report_capture capture = {.name = "x"};
	struct wire *w = alert_wire();
	struct place p = new_place();
	struct saving s;
	char error[256];
	int in;

	put_capture(p.in, w, "");
	s = (struct saving){.save = save_new(p.out, false, error, sizeof(error))};
	CU_ASSERT_FATAL(s.save != NULL);
	in = open(p.in, O_RDONLY | O_CLOEXEC);
	CU_ASSERT_FATAL(save_begin(s.save, in, error, sizeof(error)));
	analyze(&s, in, &capture);
	CU_ASSERT_FATAL(truncate(p.in, 600) == 0);
	CU_ASSERT(!save_finish(s.save, &capture, error, sizeof(error)));
	CU_ASSERT_STRING_EQUAL(error, "the capture was changed while it was read");
	save_free(s.save);
	CU_ASSERT(access(p.out, F_OK) != 0);
	leave(&p);
	wire_free(w);
}

const struct unit_test unit_tests[] = {
	{"packets, interfaces, comments and drops are saved, from what is read twice or once", test_saved},
	{"packets that the filter drops are not", test_filtered},
	{"secrets are there only when wanted, and only the connections' own", test_secrets},
	{"without an end nothing is left", test_discarded},
	{"a file that is read is known by any name", test_refused},
	{"a capture that is changed meanwhile is not saved", test_changed},
	{0},
};
