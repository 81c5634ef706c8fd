/* keylog_file.c: see keylog_file.h. */
#include "analyzer/cli/keylog_file.h"

#include "analyzer/cli/input.h"
#include "analyzer/tlsdiag.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)64 << 10)

/* Makes room for so many bytes more. What is outgrown is wiped. */
static bool reserve(struct keylog_files *k, size_t n)
{
	size_t size = k->size ? k->size : 4 * PIECE;
	char *text;

	if (k->length + n <= k->size)
		return true;
	while (size < k->length + n)
		size *= 2;
	text = malloc(size);
	if (!text)
		return false;
	if (k->length)
		memcpy(text, k->text, k->length);
	keylog_files_free(&(struct keylog_files){.text = k->text, .size = k->size});
	k->text = text;
	k->size = size;
	return true;
}

/* NULL, or why it could not be read. */
static const char *read_all(struct keylog_files *k, struct input *in)
{
	enum input_result result = INPUT_OK;

	while (result == INPUT_OK) {
		const uint8_t *bytes;
		size_t n = 0;

		result = input_peek(in, PIECE, &bytes, &n);
		if (result == INPUT_FAILED)
			return input_error(in);
		if (result == INPUT_END)
			break;
		if (k->length + n >= KEYLOG_FILES_MAX)
			return "too large for a key log: give only the part that is needed";
		if (!reserve(k, n + 1))
			return strerror(ENOMEM);
		memcpy(k->text + k->length, bytes, n);
		k->length += n;
		input_take(in, n);
	}
	if (k->length && k->text[k->length - 1] != '\n')
		k->text[k->length++] = '\n';
	return NULL;
}

/* NULL, or why a text is no key log. */
static const char *check(const char *text, size_t length)
{
	static const struct tlsdiag_settings smallest = {.flows_max = 1};
	struct tlsdiag *d = tlsdiag_new(&smallest, NULL, NULL);
	struct tlsdiag_counts counts = {0};
	bool taken = d && tlsdiag_keylog(d, text, length);

	if (taken)
		tlsdiag_counts(d, &counts);
	tlsdiag_free(d);
	if (!taken)
		return strerror(ENOMEM);
	if (counts.keylog_malformed && !counts.keylog_secrets)
		return "not a key log: no line of it is a secret as SSLKEYLOGFILE has them";
	return NULL;
}

bool keylog_files_add_fd(struct keylog_files *k, int fd, char *error, size_t size)
{
	struct input *in = input_new(fd);
	size_t start = k->length;
	const char *why;

	if (!in) {
		snprintf(error, size, "%s", strerror(ENOMEM));
		close(fd);
		return false;
	}
	why = read_all(k, in);
	if (!why && k->length > start)
		why = check(k->text + start, k->length - start);
	if (why)
		snprintf(error, size, "%s", why);
	input_free(in);
	return !why;
}

bool keylog_files_append(struct keylog_files *k, const char *text, size_t length)
{
	if (!length)
		return true;
	if (length >= KEYLOG_FILES_MAX - k->length || !reserve(k, length + 1))
		return false;
	memcpy(k->text + k->length, text, length);
	k->length += length;
	if (text[length - 1] != '\n')
		k->text[k->length++] = '\n';
	return true;
}

void keylog_files_free(struct keylog_files *k)
{
	if (k->text)
		explicit_bzero(k->text, k->size);
	free(k->text);
	*k = (struct keylog_files){0};
}
