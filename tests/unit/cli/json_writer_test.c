/* json_writer_test.c: what is written is JSON, with commas where they belong, and means what was put in. */
#include "analyzer/cli/json_writer.h"

#include "tests/unit/suite.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The writer's text is this, and is JSON. */
static void expect(struct json_writer *w, const char *text)
{
	json_t *parsed = json_loadb(w->text, w->length, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

	CU_ASSERT_FALSE(w->failed);
	CU_ASSERT_EQUAL(w->length, strlen(text));
	CU_ASSERT(w->length == strlen(text) && memcmp(w->text, text, w->length) == 0);
	CU_ASSERT_PTR_NOT_NULL(parsed);
	if (w->length != strlen(text) || !parsed)
		printf("# %.*s\n", (int)w->length, w->text);
	json_decref(parsed);
	json_writer_clear(w);
}

static void test_nesting(void)
{
	static const char *const words[] = {"x", "y"};
	struct json_writer w = {0};

	json_begin(&w, '{');
	json_key(&w, "a");
	json_begin(&w, '[');
	json_put_integer(&w, 1);
	json_begin(&w, '{');
	json_end(&w, '}');
	json_put_null(&w);
	json_end(&w, ']');
	json_key(&w, "b");
	json_put_texts(&w, words, 2);
	json_key(&w, "c");
	json_put_texts(&w, NULL, 0);
	json_key(&w, "d");
	json_put_bool(&w, false);
	json_key(&w, "e");
	json_put_text_or_null(&w, "");
	json_end(&w, '}');
	expect(&w, "{\"a\":[1,{},null],\"b\":[\"x\",\"y\"],\"c\":[],\"d\":false,\"e\":null}");
	json_begin(&w, '[');
	json_end(&w, ']');
	expect(&w, "[]");
	json_writer_free(&w);
}

static void test_numbers(void)
{
	static const struct {
		int64_t ns;
		const char *text;
	} seconds[] = {
		{0, "0.0"},
		{1, "0.000000001"},
		{-46565, "-0.000046565"},
		{1000000000, "1.0"},
		{12500000000, "12.5"},
		{INT64_C(86400000000001), "86400.000000001"},
		{INT64_MAX, "9223372036.854775807"},
		{INT64_MIN, "-9223372036.854775808"},
	};
	struct json_writer w = {0};

	for (size_t i = 0; i < sizeof(seconds) / sizeof(*seconds); i++) {
		json_put_seconds(&w, seconds[i].ns);
		expect(&w, seconds[i].text);
	}
	json_put_integer(&w, 0);
	expect(&w, "0");
	json_put_integer(&w, INT64_MAX);
	expect(&w, "9223372036854775807");
	json_put_integer(&w, INT64_MIN);
	expect(&w, "-9223372036854775808");
	json_writer_free(&w);
}

/* Around each power of ten, as integers and as parts of seconds. */
static void test_digits(void)
{
	struct json_writer w = {0};
	char text[32];

	for (int64_t power = 1; power <= INT64_MAX / 10; power *= 10)
		for (int64_t value = power - 2; value <= power + 2; value++) {
			int64_t size = value < 0 ? -value : value;
			size_t n;

			snprintf(text, sizeof(text), "%lld", (long long)value);
			json_put_integer(&w, value);
			expect(&w, text);
			n = (size_t)snprintf(text, sizeof(text), "%s%lld.%09lld", value < 0 ? "-" : "",
					     (long long)(size / 1000000000), (long long)(size % 1000000000));
			while (text[n - 1] == '0' && text[n - 2] != '.')
				text[--n] = '\0';
			json_put_seconds(&w, value);
			expect(&w, text);
		}
	json_writer_free(&w);
}

/* The same as time_text() says, whatever came before. */
static void test_times(void)
{
	static const int64_t times[] = {0,
					999999999,
					-1,
					-1000000000,
					INT64_C(1714564800123456789),
					INT64_C(1714564800000000001),
					INT64_C(1714564801000000000),
					INT64_MAX / 4,
					-INT64_MAX / 4};
	struct json_writer w = {0};

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		printable_buffer buffer, quoted;

		snprintf(quoted, sizeof(quoted), "\"%.60s\"", time_text(times[i], 9, buffer));
		json_put_time(&w, times[i]);
		expect(&w, quoted);
	}
	json_writer_free(&w);
}

static void put_moments(struct json_writer *w)
{
	static const struct {
		uint64_t frame;
		int64_t time_ns, elapsed_ns;
	} moments[] = {{1, 1714564800123456789, 0},
		       {12, 1714564800123456789, 1500000000},
		       {12, 1714564800123456789, 1500000000},
		       {12, 1714564800123456789, 1500000001}};

	json_begin(w, '[');
	for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
		json_begin(w, '{');
		json_put_moment(w, moments[i].frame, moments[i].time_ns, moments[i].elapsed_ns);
		json_end(w, '}');
	}
	json_end(w, ']');
}

/* The same whether it was written before, in this text or in an earlier one. */
static void test_moments(void)
{
	static const char text[] =
		"[{\"frame\":1,\"time\":\"2024-05-01T12:00:00.123456789Z\",\"elapsed\":0.0},"
		"{\"frame\":12,\"time\":\"2024-05-01T12:00:00.123456789Z\",\"elapsed\":1.5},"
		"{\"frame\":12,\"time\":\"2024-05-01T12:00:00.123456789Z\",\"elapsed\":1.5},"
		"{\"frame\":12,\"time\":\"2024-05-01T12:00:00.123456789Z\",\"elapsed\":1.500000001}]";
	struct json_writer w = {0};

	for (int i = 0; i < 2; i++) {
		put_moments(&w);
		expect(&w, text);
	}
	json_writer_free(&w);
}

/* One byte, any, at any place among plain ones. */
static void test_bytes(void)
{
	struct json_writer w = {0};
	char text[20], written[80];

	for (unsigned byte = 1; byte < 256; byte++)
		for (size_t place = 0; place < sizeof(text) - 1; place++) {
			char shown[8];

			if (byte < ' ' || byte > '~')
				snprintf(shown, sizeof(shown), "\\\\x%02X", byte);
			else
				snprintf(shown, sizeof(shown), "%s%c", byte == '"' || byte == '\\' ? "\\" : "", byte);
			memset(text, 'a', sizeof(text));
			text[sizeof(text) - 1] = '\0';
			snprintf(written, sizeof(written), "\"%.*s%s%s\"", (int)place, text, shown, text + place + 1);
			text[place] = (char)byte;
			json_put_text(&w, text);
			expect(&w, written);
		}
	json_writer_free(&w);
}

static void test_texts(void)
{
	struct json_writer w = {0};
	char *text = malloc(100001), *expected = malloc(2000);

	json_put_text(&w, "plain ~");
	expect(&w, "\"plain ~\"");
	json_put_text(&w, "a\033\"\\\n\xff");
	expect(&w, "\"a\\\\x1B\\\"\\\\\\\\x0A\\\\xFF\"");
	/* What is too long is shortened as elsewhere. */
	CU_ASSERT_FATAL(text != NULL && expected != NULL);
	memset(text, 'a', 100000);
	for (size_t n = 400; n < 100001; n += n < 1100 ? 1 : 9000) {
		printable_buffer buffer;

		text[n] = '\0';
		snprintf(expected, 2000, "\"%s\"", printable(text, buffer));
		json_put_text(&w, text);
		expect(&w, expected);
		text[n] = 'a';
	}
	free(text);
	free(expected);
	json_writer_free(&w);
}

const struct unit_test unit_tests[] = {
	{"commas stand between values alone", test_nesting},        {"numbers are exact", test_numbers},
	{"numbers are exact in each of their digits", test_digits}, {"times are those of people", test_times},
	{"moments are frame, time and elapsed", test_moments},      {"text is printable and escaped", test_texts},
	{"… whatever byte is in it, and wherever", test_bytes},     {NULL, NULL},
};
