/* record.h: what happened in a cell, as JSON, for the process that judges it. */
#ifndef HARNESS_RECORD_H
#define HARNESS_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "harness/process.h"

/* Output of a program as a string. Where bytes are no UTF-8 or are 0, '?' stands for them and all that are not ASCII:
 * the words around them still tell. */
json_t *record_words(const char *text, size_t length);

/* How a program ended and what it printed: {"status": 0, "signal": 0, "late": false, "output": "…"}. */
json_t *record_outcome(const struct process *process, bool late);

/* Writes a file of a case's folder. 0, or the errno that says why not. */
int record_write(const char *folder, const char *name, json_t *record);

#endif
