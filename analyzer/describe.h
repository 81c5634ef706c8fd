/* describe.h: a conclusion and its attempt, put into the words and arrays of struct tlsdiag_verdict.
 *
 * Texts are written into one bounded buffer; what does not fit is left out, never cut in the middle of a pointer's
 * target. The words of a signature come from words.c alone; here are only the facts of the case at hand.
 */
#ifndef ANALYZER_DESCRIBE_H
#define ANALYZER_DESCRIBE_H

#include "certificate.h"
#include "verdict.h"

#define DESCRIPTION_LINES_MAX 12
#define DESCRIPTION_ADVICE_MAX 8 /* no row of words has as many checks */

/* Words that were looked up before, for failures repeat themselves. */
#define DESCRIPTION_WORDS 64
struct looked_up {
	char signature[96]; /* "": nothing yet */
	enum tlsdiag_party by;
	const struct tlsdiag_words *words;
};

struct description {
	struct tlsdiag_verdict verdict;
	struct looked_up looked_up[DESCRIPTION_WORDS]; /* by a number made of the signature */
	struct tlsdiag_evidence evidence[EVENTS_MAX + 2]; /* and the last repeat of each side */
	const char *notes[DESCRIPTION_LINES_MAX];
	const char *warnings[DESCRIPTION_LINES_MAX];
	const char *advice[DESCRIPTION_ADVICE_MAX];
	const char *findings[2][CERTIFICATE_FINDINGS_MAX]; /* of the certificates of each side */
	bool has_hello;
	struct client_hello hello;
	struct certificate_report certificate[2];
	struct certificate_chains chains; /* from one verdict to the next */
	uint16_t one_version;
	size_t used;
	char text[16384];
};

/* Both fill *d, which is all zero at first; what it then holds lives as long as `d`, `r` and its attempt. */
void describe(const struct reading *r, const struct conclusion *c, struct description *d);
/* Only the outcome, and whose it is. */
void describe_outcome(const struct reading *r, const struct conclusion *c, struct description *d);
void description_clear(struct description *d);

#endif
