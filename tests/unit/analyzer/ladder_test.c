/* ladder_test.c: the packets that signatures look like. */
#include "tests/unit/suite.h"

#include "analyzer/tlsdiag.h"

#include <stdio.h>
#include <string.h>

/* "> SYN; < SYN-ACK; x> ClientHello; <... nothing": a ladder in one line, its ending alone or all of it. */
static void sketch(const char *signature, bool whole, char *line, size_t size)
{
	static const char *const arrows[] = {
		[TLSDIAG_FROM_CLIENT] = ">", [TLSDIAG_FROM_SERVER] = "<", [TLSDIAG_FROM_NETWORK] = "~"};
	static const char *const kinds[] = {
		[TLSDIAG_STEP_ARRIVES] = "", [TLSDIAG_STEP_LOST] = "x", [TLSDIAG_STEP_SILENCE] = "..."};
	struct tlsdiag_step steps[TLSDIAG_STEPS_MAX];
	size_t count = tlsdiag_ladder(signature, steps), at = 0;

	line[0] = '\0';
	for (size_t i = 0; i < count; i++)
		if (whole || steps[i].ending)
			at += (size_t)snprintf(line + at, size - at, "%s%s%s %s", at ? "; " : "", arrows[steps[i].from],
					       kinds[steps[i].kind], steps[i].text);
}

static void test_whole(void)
{
	char line[512];

	sketch("server-hello/alert/protocol_version", true, line, sizeof(line));
	CU_ASSERT_STRING_EQUAL(line, "> SYN; < SYN-ACK; > ACK; > ClientHello; < alert fatal protocol_version");
	sketch("tcp/refused", true, line, sizeof(line));
	CU_ASSERT_STRING_EQUAL(line, "> SYN; < RST, ACK in place of the SYN-ACK");
}

static void test_endings(void)
{
	static const char *const rows[][2] = {
		/* who is to speak, and who judges, is told by the stage */
		{"client-hello/reset", "< RST"},
		{"client-flight/alert/unknown_ca", "> alert fatal unknown_ca"},
		{"server-flight/alert/illegal_parameter", "> alert fatal illegal_parameter"},
		{"finished/alert/unknown_ca", "< alert fatal unknown_ca"},
		{"server-flight/closed", "< FIN, and no alert before it"},
		{"finished/abandoned", "> FIN or RST at once"},
		/* the detail, and what stands for it where there is none */
		{"server-hello/not-tls/nats", "< nats in clear"},
		{"server-hello/not-tls", "< another protocol in clear"},
		{"server-hello/malformed/sslv2", "< bytes that break TLS: sslv2"},
		{"client-flight/unreachable/host",
		 "~ ICMP unreachable (host), which quotes a packet of the connection"},
		{"server-hello/alert/199", "< alert fatal 199"},
		/* lost and silent */
		{"client-hello/lost/partial",
		 "> ClientHello, its first segment; < ACK of that segment; >x its second segment, again and again"},
		{"finished/malformed/ccs-flood", "< bytes that break TLS: ccs-flood"},
		{"server-flight/timeout", "<... no Certificate; > FIN, when it gives up"},
		{"server-hello", "<... no ServerHello"},
		/* the stage decides, and there is none */
		{"any/alert/unknown_ca", ""},
		{"any/reset/injected", "~ RST in another's name: another TTL, IP ID or number"},
		{"nonsense", ""},
		{"", ""},
	};
	char line[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		sketch(rows[i][0], false, line, sizeof(line));
		CU_ASSERT_STRING_EQUAL(line, rows[i][1]);
		if (strcmp(line, rows[i][1]) != 0)
			printf("# %s: %s\n", rows[i][0], line);
	}
}

static void test_every_stage_and_cause(void)
{
	for (int s = 0; s < TLSDIAG_STAGES; s++) {
		for (int c = TLSDIAG_TIMEOUT; c < TLSDIAG_CAUSES; c++) {
			struct tlsdiag_step steps[TLSDIAG_STEPS_MAX];
			char signature[64];
			size_t count;

			snprintf(signature, sizeof(signature), "%s/%s", tlsdiag_stage_name((enum tlsdiag_stage)s),
				 tlsdiag_cause_name((enum tlsdiag_cause)c));
			count = tlsdiag_ladder(signature, steps);
			CU_ASSERT_FATAL(count > 0 && count <= TLSDIAG_STEPS_MAX);
			CU_ASSERT(steps[count - 1].ending);
			for (size_t i = 0; i < count; i++)
				CU_ASSERT(steps[i].text[0] && !strchr(steps[i].text, '%'));
		}
	}
}

/* A detail may be as long as it likes. */
static void test_long_detail(void)
{
	struct tlsdiag_step steps[TLSDIAG_STEPS_MAX];
	char signature[512] = "server-hello/not-tls/";

	memset(signature + strlen(signature), 'x', 400);
	CU_ASSERT_EQUAL(tlsdiag_ladder(signature, steps), 5);
	CU_ASSERT(strlen(steps[4].text) < sizeof(steps[4].text));
}

const struct unit_test unit_tests[] = {
	{"what came before, and the ending", test_whole},
	{"endings", test_endings},
	{"every stage and cause has a ladder", test_every_stage_and_cause},
	{"a long detail is cut", test_long_detail},
	{NULL, NULL},
};
