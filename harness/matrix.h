/* matrix.h: how well an analyzer did over a run: what was injected against what it diagnosed.
 *
 * Only cases that passed or failed count: of a broken one nobody knows what was injected. The classes are the stages of
 * failures, and the outcomes that are none; `none` is what an analyzer said that gave no single verdict, or a signature
 * whose stage is unknown.
 */
#ifndef HARNESS_MATRIX_H
#define HARNESS_MATRIX_H

#include <jansson.h>
#include <stdio.h>

#include "harness/results.h"

enum { MATRIX_STAGES = 7, MATRIX_NONE = MATRIX_STAGES + 3, MATRIX_CLASSES };

/* One row of the score. */
struct matrix_score {
	size_t cases; /* that were injected */
	size_t stage_right; /* diagnosed as of this class */
	size_t signature_right; /* with the right signature: recall is the share of these */
	size_t all_right; /* also the party and the certainty: the case passed */
	size_t misplaced; /* cases of another failure that were diagnosed as of this class */
	size_t false_alarms; /* cases without a failure that were diagnosed as of this class, a failure */
};

/* A signature or outcome that was injected, and what was diagnosed. */
struct matrix_pair {
	const char *injected, *diagnosed; /* live as long as the results */
	size_t cases;
};

struct matrix {
	size_t cells[MATRIX_CLASSES][MATRIX_CLASSES]; /* [injected][diagnosed] */
	struct matrix_score scores[MATRIX_CLASSES], total;
	size_t pair_count;
	struct matrix_pair *pairs; /* in the order of the cases */
};

/* NULL when out of memory. The results must outlive it. */
struct matrix *matrix_new(const struct results *results);
void matrix_free(struct matrix *matrix);

/* Three tables for people, at most 80 columns wide: stages confused, signatures confused, and the score. */
void matrix_print(FILE *out, const struct matrix *matrix);

/* {"scores": [...], "confusion": [...]}, as docs/tlslab.schema.json describes it. */
json_t *matrix_json(const struct matrix *matrix);

#endif
