/* check_json.c: reads JSON Lines from standard input and checks each line against a schema.
 *
 *     tlsdiag --json -r FILE | check_json SCHEMA
 *
 * Exit status 0 when every line fits; the number of lines goes to standard output.
 */
#include "tests/json_schema.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	json_t *schema = argc == 2 ? json_load_file(argv[1], JSON_REJECT_DUPLICATES, NULL) : NULL;
	unsigned long lines = 0;
	char *line = NULL, why[512];
	size_t size = 0;
	int status = EXIT_SUCCESS;

	if (!schema) {
		fprintf(stderr, "usage: check_json SCHEMA (a readable one) <LINES\n");
		return EXIT_FAILURE;
	}
	while (getline(&line, &size, stdin) > 0) {
		json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

		lines++;
		if (!value) {
			fprintf(stderr, "line %lu: not JSON\n", lines);
			status = EXIT_FAILURE;
		} else if (!json_schema_check(schema, value, why, sizeof(why))) {
			fprintf(stderr, "line %lu: %s\n", lines, why);
			status = EXIT_FAILURE;
		}
		json_decref(value);
	}
	printf("%lu\n", lines);
	free(line);
	json_decref(schema);
	return status;
}
