/* packet_reader.h: reads packets while the command runs, and reports when both are over. See live_run.c. */
#ifndef CLI_PACKET_READER_H
#define CLI_PACKET_READER_H

#include "analyzer/cli/analysis.h"
#include "analyzer/cli/inputs.h"
#include "analyzer/cli/live_source.h"
#include "analyzer/cli/packet_file.h"

/* Runs to the end of a capture beside a command, of which the channel (run_channel.h) tells. Key logs are read when the
 * command has written them. */
void packet_reader_run(struct analysis *a, struct source *source, struct inputs *keylogs, int channel);

#endif
