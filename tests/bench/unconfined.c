/* unconfined.c: tlsdiag -r without the system call filter that valgrind cannot work under: for counting instructions.
 *
 *     valgrind --tool=callgrind build/tests/bench/unconfined --json -r CAPTURE
 *
 * The same options; captures are read one after another.
 */
#include "analyzer/cli/analysis.h"
#include "analyzer/cli/capture_file.h"

#include <stdlib.h>

static void read_capture(struct analysis *a, const char *name)
{
	char error[256];
	struct source *source = capture_file_open(name, error, sizeof(error));

	if (!source) {
		analysis_trouble(a, name, error);
		return;
	}
	if (analysis_begin(a, source, name)) {
		analysis_drain(a);
		analysis_end(a);
	}
	source_close(source);
}

int main(int argc, char **argv)
{
	struct options options;
	struct analysis a;
	int status;

	options_parse(&options, argc, argv);
	analysis_init(&a, &options);
	if (analysis_report(&a, stdout)) {
		for (size_t i = 0; i < options.file_count; i++)
			read_capture(&a, options.files[i]);
		a.report->ops->end(a.report);
	}
	status = analysis_finish(&a);
	options_free(&options);
	return status;
}
