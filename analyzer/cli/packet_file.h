/* packet_file.h: packets kept in a pcap file as they are taken (-w), readable by its owner alone, and whole up to the
 * last flush whatever happens to the process.
 *
 * Not for: files that are to appear only when they are complete (private_file.h).
 */
#ifndef CLI_PACKET_FILE_H
#define CLI_PACKET_FILE_H

#include "analyzer/cli/source.h"

struct packet_file;

/* Makes or empties the file, mode 0600, and writes its header. NULL, with a sentence in error. */
struct packet_file *packet_file_new(const char *name, int linktype, uint32_t snaplen, char *error, size_t size);

/* Its descriptor: all that it needs from now on. */
int packet_file_fd(const struct packet_file *f);

void packet_file_add(struct packet_file *f, const struct source_packet *p);
void packet_file_flush(struct packet_file *f);

/* Writes what is left and closes it. False when some of it could not be written, with errno set. NULL is fine. */
bool packet_file_close(struct packet_file *f);

#endif
