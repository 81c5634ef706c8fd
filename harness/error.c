/* error.c: writes the sentence of error.h. */
#include "harness/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static size_t write_sentence(struct error *error, const char *format, va_list arguments)
{
	int length = vsnprintf(error->text, sizeof(error->text), format, arguments);

	if (length < 0)
		return 0;
	return (size_t)length < sizeof(error->text) ? (size_t)length : sizeof(error->text) - 1;
}

bool error_set(struct error *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_sentence(error, format, arguments);
	va_end(arguments);
	return false;
}

bool error_errno(struct error *error, const char *format, ...)
{
	int number = errno;
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = write_sentence(error, format, arguments);
	va_end(arguments);
	snprintf(error->text + length, sizeof(error->text) - length, ": %s", strerror(number));
	return false;
}
