/* service.h: the server of a case: servers/server.h in a thread of its own, in the cell's server.
 *
 * A thread and not a process: a fork copies the page tables of all that tlslab has loaded, which was a tenth of what a
 * case costs. It has a network namespace, a working folder and nothing else to itself; a server that crashes takes the
 * cell with it.
 */
#ifndef HARNESS_SERVICE_H
#define HARNESS_SERVICE_H

#include "harness/cell.h"
#include "servers/stock.h"

struct service;

/* Starts it. `folder` is where its files are; `control` its end of the control socket, which is its own from now on,
 * and is closed when it ends, for whatever reason. All must outlive it. NULL: error says why, and control is closed. */
struct service *service_start(const struct cell *cell, const char *folder, struct stock *stock, int control,
			      struct error *error);

/* Waits for its end, which comes within a moment after the other end of the control socket is closed. NULL is fine. */
void service_free(struct service *service);

#endif
