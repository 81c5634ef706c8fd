/* verdicts.h (tests): verdicts made by hand. */
#ifndef TESTS_UNIT_CLI_VERDICTS_H
#define TESTS_UNIT_CLI_VERDICTS_H

#include "analyzer/tlsdiag.h"

/* What the library gives for an attempt of which nothing is known: frames 1 to 9, at no time. */
static inline struct tlsdiag_verdict empty_verdict(uint64_t number)
{
	return (struct tlsdiag_verdict){
		.number = number,
		.client = {.version = 4, .address = {192, 0, 2, 40}, .port = 46188},
		.server = {.version = 4, .address = {203, 0, 113, 20}, .port = 443},
		.first = {1, 0},
		.last = {9, 0},
		.outcome = TLSDIAG_INCOMPLETE,
		.detail = "",
		.signature = "",
		.summary = "The capture begins in the middle of this connection.",
		.alert.name = "",
		.hello = {.server_name = "", .alpn = ""},
		.choice.alpn = "",
		.certificate = {.subject = "", .issuer = "", .names = ""},
		.client_certificate = {.subject = "", .issuer = "", .names = ""},
		.protocol = "",
	};
}

#endif
