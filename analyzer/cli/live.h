/* live.h: the two ways to read an interface. */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "analyzer/cli/command.h"
#include "analyzer/cli/options.h"

/* Watches until it is told to stop; verdicts are printed as they are decided. */
enum exit_status live_watch(const struct options *options);

/* Captures while a command runs, then tells what happened. */
enum exit_status live_run(const struct options *options);

#endif
