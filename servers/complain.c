/* complain.c: formats a complaint; see complain.h. */
#include "servers/complain.h"

#include <stdarg.h>
#include <stdio.h>

bool complain(char error[static COMPLAINT_MAX], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error, COMPLAINT_MAX, format, arguments);
	va_end(arguments);
	return false;
}
