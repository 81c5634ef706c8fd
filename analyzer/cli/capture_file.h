/* capture_file.h: a capture file as a source of packets: pcap or pcapng, plain or gzip, from a file or standard input.
 *
 * Why not libpcap's reader: it refuses a pcapng file whose interfaces have different link types, reads no gzip, and its
 * errors name no offset. The filter language is libpcap's (filter.h).
 */
#ifndef CLI_CAPTURE_FILE_H
#define CLI_CAPTURE_FILE_H

#include "analyzer/cli/source.h"

/* Opens a capture; "-" is standard input. NULL on failure, with a sentence in error. */
struct source *capture_file_open(const char *name, char *error, size_t size);

/* The descriptor alone, for those who open first and read later: -1 with errno set. */
int capture_file_descriptor(const char *name);

/* The same from a descriptor, which is closed in any case. */
struct source *capture_file_open_fd(int fd, char *error, size_t size);

#endif
