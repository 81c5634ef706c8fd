/* server.h: a server: one specification, its listening sockets, all its connections, one loop. */
#ifndef SERVERS_SERVER_H
#define SERVERS_SERVER_H

#include "servers/stock.h"

/* Reads a specification from the control socket, says "ready", and serves until the control socket closes. Returns the
 * exit status: 0, or 2 after an error event: the specification is wrong, or this machine will not do it. The stock, or
 * NULL, is what was made ready beforehand; file names in the specification that it knows are taken from it. May be
 * called in any thread, once in a process: the stock's context is taken. */
int server_run(int control, struct stock *stock);

#endif
