/* mint.h: the certificates of a run, made anew each time relative to now, with one defect each.
 *
 * The table in mint.c is the list: an authority or an end certificate a row, its defect a change in that row. In the
 * directory, for each end certificate NAME: NAME.pem (what a server sends: the certificate and its chain) and NAME.key;
 * root.pem is what clients trust, client-root.pem what servers trust of clients; crl.pem and NAME.ocsp say what is
 * revoked. dh-1024.pem is a Diffie-Hellman group that is too small (SSL_CONF_cmd DHParameters).
 */
#ifndef SERVERS_MINT_H
#define SERVERS_MINT_H

#include <stdbool.h>
#include <stddef.h>

#include "servers/complain.h"

/* Makes the named certificates, or all when count is 0, in a directory that exists. The roots are always made. Files
 * are readable by their owner alone. False, with one line in error, when a name is unknown or a file cannot be
 * written. */
bool mint(const char *directory, char *const names[], size_t count, char error[static COMPLAINT_MAX]);

/* The index-th end certificate's name and what is wrong with it; NULL past the last. */
const char *mint_name(size_t index, const char **story);

#endif
