/* record.c: see record.h. */
#include "harness/record.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "harness/case.h"

json_t *record_words(const char *text, size_t length)
{
	json_t *json = memchr(text, '\0', length) ? NULL : json_stringn(text, length);
	char *copy;

	if (json)
		return json;
	copy = malloc(length + 1);
	for (size_t i = 0; copy && i < length; i++)
		copy[i] = text[i] && (unsigned char)text[i] < 0x80 ? text[i] : '?';
	json = json_stringn(copy ? copy : "", copy ? length : 0);
	free(copy);
	return json;
}

json_t *record_outcome(const struct process *process, bool late)
{
	struct process_output output = process_output(process);

	return json_pack("{sisisbso}", "status", process_status(process), "signal", process_ended_by(process), "late",
			 late, "output", record_words(output.text, output.length));
}

int record_write(const char *folder, const char *name, json_t *record)
{
	char path[PATH_MAX];

	errno = 0;
	if (json_dump_file(record, case_file(folder, name, path), JSON_INDENT(1)) == 0)
		return 0;
	return errno ? errno : EIO;
}
