/* names.h: the names that the step language uses for numbers of the IANA TLS registries. */
#ifndef SERVERS_NAMES_H
#define SERVERS_NAMES_H

#include <stdbool.h>

/* The number of an alert, by its registered name ("protocol_version") or as a decimal number 0 to 255; -1: neither. */
int names_alert(const char *name);

#endif
