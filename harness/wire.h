/* wire.h: the faulty wire between the client and the router, for scenarios that have rules for it (wire_rule.h).
 *
 * It stands between client and router, not between router and server, for two reasons: what it does to a packet, or
 * forges, is what the client's capture shows, with no router behind it to change TTL, checksum or order; and what the
 * router itself says (ICMP, the resets of nft rules) passes the wire too, so that rules can be about that.
 *
 * It is a process of the cell, so it ends with the cell. One packet socket hears of the frames on both of its links in
 * the order in which they came, and frames are handled one after the other; so the order of what leaves does not depend
 * on the load. Control is a socket, as tlslab-server's: the process says {"event": "ready"} or {"event": "error",
 * "message": …} on it, and when our side closes, {"event": "rules", …} (wire_engine_report()), and ends.
 */
#ifndef HARNESS_WIRE_H
#define HARNESS_WIRE_H

#include <jansson.h>

#include "harness/cell.h"
#include "harness/wire_rule.h"

struct wire_process;

/* Starts the wire of a cell that was made with one (cell_options.wire); it works when this returns. The calling thread
 * is in some place of the cell afterwards. NULL: error says why. */
struct wire_process *wire_start(const struct cell *cell, const struct wire_rules *rules, struct error *error);

/* Ends the wire, after everything sent has arrived, and says what the rules did: the list "rules" of the report, for
 * the caller to json_decref(). NULL, with the reason, if the wire failed or lost packets. Call it once. */
json_t *wire_finish(struct wire_process *wire, struct error *error);

/* Ends it if it still runs, and forgets it. NULL is fine. */
void wire_process_free(struct wire_process *wire);

#endif
