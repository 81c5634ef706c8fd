/* pcapng_write.h: writes pcapng (draft-ietf-opsawg-pcapng): one section, its packets with comments, secrets where asked
 * for.
 *
 *     struct pcapng_writer *w = pcapng_writer_new(out, (struct pcapng_comments){texts, 1});
 *     pcapng_write_packet(w, &(struct pcapng_packet){.linktype = p.linktype, .packet = &p.packet});
 *     if (!pcapng_write_end(w, source->dropped))
 *             … pcapng_write_error(w) …
 *     pcapng_writer_free(w);
 *
 * Blocks are little-endian; times are nanoseconds. The first failure sticks: what is written afterwards does nothing,
 * so that only pcapng_write_end() must be looked at. Frames count from 1 in the order written, as readers count them.
 *
 * Not for: making the file (private_file.h), or what the comments say.
 */
#ifndef CLI_PCAPNG_WRITE_H
#define CLI_PCAPNG_WRITE_H

#include "analyzer/tlsdiag.h"

#include <stdio.h>

#define PCAPNG_COMMENT_MAX 65532u /* bytes of one; what is longer ends in "..." */
#define PCAPNG_COMMENTS_MAX 64u /* of one block; more are left out */
#define PCAPNG_INTERFACES_MAX 4096u

/* Texts in UTF-8 (section 3.5, opt_comment, which may be repeated). {0}: none. */
struct pcapng_comments {
	const char *const *texts;
	size_t count;
};

struct pcapng_packet {
	int linktype; /* as pcap_datalink() says it */
	const char *interface; /* its name; NULL: not to be told */
	/* All but the frame number, which is the place. Time before 1970 is written as 1970: pcapng counts from
	 * there. */
	const struct tlsdiag_packet *packet;
	struct pcapng_comments comments;
};

struct pcapng_writer;

/* Begins with a Section Header Block (section 4.1) that has the comments. The file stays the caller's. NULL: out of
 * memory. */
struct pcapng_writer *pcapng_writer_new(FILE *out, struct pcapng_comments comments);
void pcapng_writer_free(struct pcapng_writer *w); /* NULL is fine; does not flush */

/* A key log in SSLKEYLOGFILE format, as Decryption Secrets Blocks (section 4.7). Write it before the packets that it is
 * for: readers use it for those that follow. */
void pcapng_write_secrets(struct pcapng_writer *w, const char *text, size_t length);

/* An Enhanced Packet Block (section 4.3), after an Interface Description Block (section 4.2) where no packet before had
 * the same link type and interface. */
void pcapng_write_packet(struct pcapng_writer *w, const struct pcapng_packet *packet);

/* Tells, when it is not 0, how many packets the capture lost (Interface Statistics Block, section 4.6: isb_ifdrop of
 * the first interface, whichever lost them), and flushes. False when anything was not written. */
bool pcapng_write_end(struct pcapng_writer *w, uint64_t dropped);

/* Why: a sentence without the file's name. "" when nothing failed yet. */
const char *pcapng_write_error(const struct pcapng_writer *w);

#endif
