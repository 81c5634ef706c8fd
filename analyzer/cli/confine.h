/* confine.h: the cage of whatever parses packets: a seccomp(2) filter that leaves it its open descriptors and its
 * memory.
 *
 * No file can be opened, no socket made, no program started, no process signalled or traced, and only the descriptors
 * named can be written to: not the interface, which would send. What is not listed fails with EPERM, so that a C
 * library which tries something new does not bring the program down. Threads may be started, and are caged alike.
 *
 * Everything that needs a file must have happened before: see confine_prepare().
 */
#ifndef CLI_CONFINE_H
#define CLI_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether this kernel has seccomp at all. */
bool confine_supported(void);

/* Lets the C library read the time zone, and OpenSSL know that it shall not read its configuration when it is first
 * used. */
void confine_prepare(void);

/* Closes the cage for good, and gives up all privilege (privilege_shed()). `writable` are descriptors that may be
 * written to beside standard output and standard error. False, with a sentence in error, when it could not be
 * closed. */
bool confine(const int *writable, size_t count, char *error, size_t size);

#endif
