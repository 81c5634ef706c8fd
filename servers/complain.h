/* complain.h: how this program's modules say what is wrong: one line, in the caller's array. */
#ifndef SERVERS_COMPLAIN_H
#define SERVERS_COMPLAIN_H

#include <stdbool.h>

#define COMPLAINT_MAX 512

/* Writes the line, cut where it is too long, into an array of COMPLAINT_MAX; false, so that it can be returned. */
bool complain(char error[static COMPLAINT_MAX], const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
