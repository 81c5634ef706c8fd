/* names.c: the words of the verdict's vocabulary, as they stand in signatures and JSON. */
#include "analyzer/tlsdiag.h"

#define NAME_OF(table, value) ((size_t)(value) < sizeof(table) / sizeof(*(table)) ? (table)[value] : "")

const char *tlsdiag_outcome_name(enum tlsdiag_outcome outcome)
{
	static const char *const names[] = {
		[TLSDIAG_ESTABLISHED] = "established",
		[TLSDIAG_FAILED] = "failed",
		[TLSDIAG_INCOMPLETE] = "incomplete",
		[TLSDIAG_NOT_TLS] = "not-tls",
	};

	return NAME_OF(names, outcome);
}

const char *tlsdiag_stage_name(enum tlsdiag_stage stage)
{
	static const char *const names[TLSDIAG_STAGES] = {
		[TLSDIAG_TCP] = "tcp",
		[TLSDIAG_CLIENT_HELLO] = "client-hello",
		[TLSDIAG_SERVER_HELLO] = "server-hello",
		[TLSDIAG_SERVER_FLIGHT] = "server-flight",
		[TLSDIAG_CLIENT_FLIGHT] = "client-flight",
		[TLSDIAG_FINISHED] = "finished",
		[TLSDIAG_APPLICATION] = "application",
	};

	return NAME_OF(names, stage);
}

const char *tlsdiag_cause_name(enum tlsdiag_cause cause)
{
	static const char *const names[TLSDIAG_CAUSES] = {
		[TLSDIAG_NO_CAUSE] = "",       [TLSDIAG_TIMEOUT] = "timeout",         [TLSDIAG_LOST] = "lost",
		[TLSDIAG_REFUSED] = "refused", [TLSDIAG_UNREACHABLE] = "unreachable", [TLSDIAG_HALF_OPEN] = "half-open",
		[TLSDIAG_RESET] = "reset",     [TLSDIAG_CLOSED] = "closed",           [TLSDIAG_ABANDONED] = "abandoned",
		[TLSDIAG_ALERT] = "alert",     [TLSDIAG_CAUSE_NOT_TLS] = "not-tls",   [TLSDIAG_MALFORMED] = "malformed",
	};

	return NAME_OF(names, cause);
}

const char *tlsdiag_party_name(enum tlsdiag_party party)
{
	static const char *const names[] = {
		[TLSDIAG_BY_NOBODY] = "",         [TLSDIAG_BY_CLIENT] = "client",   [TLSDIAG_BY_SERVER] = "server",
		[TLSDIAG_BY_NETWORK] = "network", [TLSDIAG_BY_UNKNOWN] = "unknown",
	};

	return NAME_OF(names, party);
}

const char *tlsdiag_certainty_name(enum tlsdiag_certainty certainty)
{
	static const char *const names[] = {
		[TLSDIAG_SEEN] = "seen",
		[TLSDIAG_INFERRED] = "inferred",
	};

	return NAME_OF(names, certainty);
}
