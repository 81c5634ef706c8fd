/* explain_print.h: how an explanation is shown: as text for people, as JSON Lines for machines, as a page of HTML. All
 * read struct explanation alone. Errors of the file written to are seen by the caller, in ferror().
 */
#ifndef CLI_EXPLAIN_PRINT_H
#define CLI_EXPLAIN_PRINT_H

#include "analyzer/cli/explanation.h"

#include <stdio.h>

void explain_text(FILE *out, const struct explanation *e, bool colour, unsigned columns);

/* docs/tlsdiag-explain.schema.json describes it. False: out of memory. */
bool explain_json(FILE *out, const struct explanation *e);

/* One page: a head, any number of explanations, a foot. The page needs no other file, and is light or dark as its
 * reader is. */
void explain_html_head(FILE *out, const char *title);
/* `linked`: the page has all explanations, so that names of signatures can lead to theirs. */
void explain_html(FILE *out, const struct explanation *e, bool linked);
void explain_html_foot(FILE *out);
/* The table of contents: every explanation there is. */
void explain_html_contents(FILE *out);

/* The name that stands before a place's checks: "client", "path", "server"; by the index of its bit. */
#define EXPLAIN_PLACES 3
extern const char *const explain_places[EXPLAIN_PLACES];
/* "client", "server", "network" */
const char *explain_direction(enum tlsdiag_direction from);

#endif
