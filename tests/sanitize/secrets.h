/* secrets.h: what of a capture may not be found in one that is shared, collected by other means than those of the
 * library: OpenSSL reads the certificates, and printable runs are found as strings(1) finds them.
 *
 * The rule. Of an address or of text, no four bytes may be anywhere, unless they are of a word that belongs to a
 * protocol, of the day on which a certificate begins or ends to be valid, which stays, or all the same. Of bytes that
 * look random (keys, signatures, randoms, what is encrypted), no eight, for among so many captures four are found by
 * chance.
 */
#ifndef TESTS_SANITIZE_SECRETS_H
#define TESTS_SANITIZE_SECRETS_H

#include "tests/golden/capture.h"

struct secrets {
	struct secret {
		const char *what;
		uint8_t *bytes;
		size_t n, gram; /* so many bytes in a row are too many */
	} * of;
	size_t count, room;
	char (*days)[16]; /* digits of certificates' dates, with the times of day that a date which was rounded has */
	size_t day_count;
};

void secrets_collect(const struct capture *c, struct secrets *all);
void secrets_free(struct secrets *all);

/* The first secret of which something is in `shared`, and where: NULL when there is none. */
const struct secret *secrets_found(const struct secrets *all, const struct capture *shared, size_t *frame, size_t *at);

#endif
