/* server.h: the server process: one specification, its listening sockets, all its connections, one loop. */
#ifndef SERVERS_SERVER_H
#define SERVERS_SERVER_H

#include "servers/stock.h"

/* Reads a specification from the control socket, says "ready", and serves until the control socket closes. Returns the exit
 * status: 0, or 2 after an error event: the specification is wrong, or this machine will not do it. The stock, or NULL, is what
 * the process that this one is a fork of has made ready; file names in the specification that it knows are taken from it. */
int server_run(int control, struct stock *stock);

#endif
