/* printable.h: bytes from the wire as text that is safe to show: printable ASCII as it is, all others as \xNN.
 */
#ifndef ANALYZER_PRINTABLE_H
#define ANALYZER_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends n bytes to the string in `text`, which has room for `size` bytes with its NUL, as far as whole characters
 * fit. False when not all did. */
bool printable_append(char *text, size_t size, const uint8_t *bytes, size_t n);

#endif
