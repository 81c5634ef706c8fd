/* run_channel.h: what the process that runs the command tells the one that reads the packets, message by message.
 *
 * A message about a connection is in the channel before its first packet can be sent.
 */
#ifndef CLI_RUN_CHANNEL_H
#define CLI_RUN_CHANNEL_H

#include "analyzer/cli/client_output.h"
#include "analyzer/tlsdiag.h"

enum run_message_kind {
	RUN_BEGAN, /* the command is about to be executed */
	RUN_CONNECTING, /* to `endpoint` */
	RUN_CANNOT_TELL, /* where it connects to */
	RUN_LINE, /* of `stream`: `length` bytes of `text` */
	RUN_ENDED, /* with `status`, as wait(2) gives it */
	RUN_STOP, /* do not wait for packets any longer */
};

struct run_message {
	enum run_message_kind kind;
	int64_t time_ns; /* nanoseconds since 1970 */
	struct tlsdiag_endpoint endpoint;
	enum client_stream stream;
	int status;
	size_t length;
	char text[CLIENT_LINE_MAX];
};

/* The two ends: write to [0], read from [1]. False with errno set. */
bool run_channel_open(int ends[2]);

/* Waits for room. False when the other end is gone. */
bool run_channel_send(int fd, const struct run_message *m);

enum run_channel_result {
	RUN_CHANNEL_MESSAGE,
	RUN_CHANNEL_EMPTY,
	RUN_CHANNEL_GONE, /* the other end */
};

/* Does not wait. */
enum run_channel_result run_channel_receive(int fd, struct run_message *m);

/* Now, by the clock that packets are stamped with. */
int64_t run_clock_ns(void);

#endif
