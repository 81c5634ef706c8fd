/* generate.c: makes large captures of the lab's golden ones: for measuring, and for tests that need many connections at
 * once.
 *
 *     generate [OPTION...] FILE
 *     generate [OPTION...] --interface IFACE
 *
 * Prints on standard error what was made: the number of packets, and of each verdict that they deserve.
 */
#include "tests/bench/mix.h"

#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct request {
	struct mix mix;
	uint64_t flood; /* SYNs; 0: a mix */
	const char *file, *interface;
};

enum long_option { OPTION_FLOOD = 256, OPTION_RATE, OPTION_SECONDS, OPTION_SEED, OPTION_TRAFFIC };

static const struct argp_option entries[] = {
	{"connections", 'c', "N", 0, "Begin N connections, or a few more", 0},
	{"packets", 'p', "N", 0, "Begin connections until there are N packets", 0},
	{"seconds", OPTION_SECONDS, "N", 0, "Begin connections for N seconds of the capture's time", 0},
	{"interface", 'i', "IFACE", 0, "Send the packets, each at its time, instead of writing them", 0},
	{"failed", 'f', "PERCENT", 0, "Of them fail (default 5)", 0},
	{"rate", OPTION_RATE, "N", 0, "Begin N in a second of the capture (default 2000)", 0},
	{"traffic", OPTION_TRAFFIC, NULL, 0, "Put application data into the healthy ones, 16 to 512 KiB each", 0},
	{"seed", OPTION_SEED, "N", 0, "What chance begins with (default 1)", 0},
	{"flood", OPTION_FLOOD, "N", 0, "Only SYNs, from N clients", 0},
	{0},
};

static double number(const char *text, double max, struct argp_state *state)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= 0 && value <= max))
		argp_error(state, "%s: not a number up to %.0f", text, max);
	return value;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct request *r = state->input;

	switch (key) {
	case 'c':
		r->mix.connections = (uint64_t)number(argument, 1e9, state);
		return 0;
	case 'p':
		r->mix.packets = (uint64_t)number(argument, 1e10, state);
		return 0;
	case 'f':
		r->mix.failed = number(argument, 100, state) / 100;
		return 0;
	case OPTION_RATE:
		r->mix.rate = number(argument, 1e9, state);
		return 0;
	case OPTION_SECONDS:
		r->mix.seconds = number(argument, 1e7, state);
		return 0;
	case 'i':
		r->interface = argument;
		return 0;
	case OPTION_TRAFFIC:
		r->mix.traffic = true;
		return 0;
	case OPTION_SEED:
		r->mix.seed = (uint64_t)number(argument, 1e15, state);
		return 0;
	case OPTION_FLOOD:
		r->flood = (uint64_t)number(argument, 1e9, state);
		return 0;
	case ARGP_KEY_ARG:
		if (r->file)
			argp_error(state, "one FILE at a time");
		r->file = argument;
		return 0;
	case ARGP_KEY_END:
		if (!r->file == !r->interface || r->mix.rate < 1 ||
		    !(r->flood || r->mix.connections || r->mix.packets || r->mix.seconds > 0))
			argp_error(state,
				   "say how many, and the FILE to write (- is standard output) or the interface");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void tell(const struct output *out, const struct kinds *kinds)
{
	fprintf(stderr, "%" PRIu64 " packets, %" PRIu64 " bytes, %.1f s\n", out->packets, out->bytes,
		(double)(out->last_ns - out->first_ns) / 1e9);
	if (out->late_ns)
		fprintf(stderr, "sent late by up to %.3f s\n", (double)out->late_ns / 1e9);
	for (size_t i = 0; i < kinds->count; i++)
		if (kinds->of[i].count)
			fprintf(stderr, "%" PRIu64 " %s\n", kinds->of[i].count, kinds->of[i].said);
}

static bool generate(const struct request *r, struct templates *templates, char *error)
{
	struct output out;

	if (!(r->file ? output_open_file(&out, r->file, error) : output_open_interface(&out, r->interface, error)))
		return false;
	if (r->flood)
		flood_write(r->flood, r->mix.seed, templates, &out);
	else
		mix_write(&r->mix, templates, &out);
	if (!output_close(&out)) {
		snprintf(error, PCAP_ERRBUF_SIZE, "could not be written");
		return false;
	}
	tell(&out, &templates->kinds);
	return true;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = entries, .parser = parse_option, .args_doc = "FILE\n--interface IFACE"};
	struct request request = {.mix = {.seed = 1, .rate = 2000, .failed = 0.05}};
	struct templates templates;
	char error[PCAP_ERRBUF_SIZE];
	bool good;

	argp_parse(&argp, argc, argv, 0, NULL, &request);
	templates = templates_load();
	good = generate(&request, &templates, error);
	if (!good)
		fprintf(stderr, "%s: %s\n", request.file ? request.file : request.interface, error);
	templates_free(&templates);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
