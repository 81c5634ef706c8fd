/* client_words_fuzz.c: any bytes as what a client printed, and as what is to be explained. */
#include "analyzer/cli/explanation.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
	if (!right)
		abort();
}

static void weigh(const struct client_words *words)
{
	static const char *const signatures[] = {"server-hello/reset/injected", "client-flight/alert/encrypted",
						 "server-hello/alert/protocol_version", "tcp/timeout"};

	for (size_t i = 0; i < sizeof(signatures) / sizeof(*signatures); i++) {
		struct tlsdiag_verdict v = {
			.outcome = TLSDIAG_FAILED, .signature = signatures[i], .summary = "a summary"};
		struct client_opinion o;

		check(client_words_compare(words, &v, &o) == (words->count > 0));
		check((o.sentence[0] != '\0') == (words->count > 0));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char names[EXPLANATION_SUGGESTIONS][EXPLANATION_NAME_MAX], *text = malloc(size + 1);
	struct client_words words = {.count = 0}, one_line = {.count = 0};
	struct explanation e;

	if (!text)
		return 0;
	client_words_line(&one_line, (const char *)data, size); /* no NUL behind it */
	memcpy(text, data, size);
	text[size] = '\0';
	client_words_text(&words, text);
	check(words.count <= CLIENT_STATEMENTS_MAX && one_line.count <= 1);
	for (size_t i = 1; i < words.count; i++)
		check(words.list[i - 1].weight >= words.list[i].weight);
	weigh(&words);
	if (explanation_find(&e, text))
		check(e.name[0] && e.title[0] && e.meaning[0]);
	else
		check(words.count == 0);
	explanation_suggest(text, names);
	free(text);
	return 0;
}
