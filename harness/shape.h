/* shape.h: which packets came in which order, in one line that two runs of a case can be compared by.
 *
 * What may be different from run to run is left out: sizes (signatures have none that is fixed) and so where records
 * and segments end, times, plain acknowledgements, and how often something was said in a row.
 */
#ifndef HARNESS_SHAPE_H
#define HARNESS_SHAPE_H

/* Of the client's capture in a case's folder, as "client S, server S, client handshake client_hello, …"; allocated.
 * Empty if it cannot be read. */
char *shape_text(const char *folder);

/* The same of one packet in trace_packet()'s words, written over them; empty for a plain acknowledgement or the middle
 * of a record. */
void shape_packet(char *words);

#endif
