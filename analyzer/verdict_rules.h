/* verdict_rules.h: the rules of the verdict that are not verdict.c's own, which has their order. Each is true where it
 * applies, and has then concluded. */
#ifndef ANALYZER_VERDICT_RULES_H
#define ANALYZER_VERDICT_RULES_H

#include "conclusion.h"
#include "reading.h"

typedef bool rule_fn(const struct reading *r, struct conclusion *c);

/* ---- verdict_clear.c ---- */

rule_fn rule_refused;
rule_fn rule_answered_otherwise;
rule_fn rule_plain_to_tls;
rule_fn rule_greeted;
rule_fn rule_not_tls;
rule_fn rule_sslv2;

/* ---- verdict_lost.c ---- */

rule_fn rule_unreachable;
rule_fn rule_client_lost;
rule_fn rule_server_lost;
rule_fn rule_never_arrived;
rule_fn rule_hello_never_arrived;
rule_fn rule_client_flight_lost;

/* What a side sent was repeated and never acknowledged. Part of the rules above, and of that for requests. */
bool verdict_lost(const struct reading *r, struct conclusion *c, int side);

#endif
