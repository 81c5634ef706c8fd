/* server.h: the server process: one specification, its listening sockets, all its connections, one loop. */
#ifndef SERVERS_SERVER_H
#define SERVERS_SERVER_H

/* Does once, in a process whose forks become servers, what each would do anew: OpenSSL's own preparations, which take as long
 * as a handshake or two. `certificates` is a folder that `tlslab-server mint` has filled. Nothing depends on it. */
void server_warm_up(const char *certificates);

/* Reads a specification from the control socket, says "ready", and serves until the control socket closes. Returns the exit
 * status: 0, or 2 after an error event: the specification is wrong, or this machine will not do it. */
int server_run(int control);

#endif
