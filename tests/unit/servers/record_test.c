/* record_test.c: records are made, cut, changed, and a message is collected from them however it is cut. */
#include "servers/record.h"

#include <string.h>

#include "tests/unit/suite.h"

/* Handshake record of TLS 1.0, 9 bytes: ClientHello of 5 bytes 61 62 63 64 65 */
static const uint8_t hello[] = {0x16, 0x03, 0x01, 0x00, 0x09, 0x01, 0x00, 0x00, 0x05, 0x61, 0x62, 0x63, 0x64, 0x65};
#define MESSAGE (sizeof(hello) - RECORD_HEADER)

static void test_append(void)
{
	struct buffer to = {0};

	CU_ASSERT(record_append(&to, RECORD_ALERT, 0x0303, (const uint8_t *)"\x02\x46", 2, 0));
	CU_ASSERT_EQUAL(to.length, 7);
	CU_ASSERT(memcmp(to.data, "\x15\x03\x03\x00\x02\x02\x46", 7) == 0);
	to.length = 0;
	CU_ASSERT(record_append(&to, RECORD_HANDSHAKE, 0x0303, NULL, 0, 0));
	CU_ASSERT_EQUAL(to.length, RECORD_HEADER);
	buffer_free(&to);
}

/* Whatever the size of the records, and however many bytes have come, the message is found exactly when it is whole. */
static void test_message_cut_everywhere(void)
{
	for (size_t max = 1; max <= MESSAGE; max++) {
		struct buffer cut = {0};

		CU_ASSERT(record_split(&cut, hello, sizeof(hello), max));
		CU_ASSERT_EQUAL(cut.length, MESSAGE + RECORD_HEADER * ((MESSAGE + max - 1) / max));
		for (size_t length = 0; length <= cut.length; length++) {
			struct buffer message = {0};
			size_t used = 0;
			enum record_found found = record_message(cut.data, length, &message, &used);

			CU_ASSERT_EQUAL(found, length == cut.length ? RECORD_WHOLE : RECORD_NEED_MORE);
			if (found == RECORD_WHOLE) {
				CU_ASSERT_EQUAL(used, cut.length);
				CU_ASSERT_EQUAL(message.length, MESSAGE);
				CU_ASSERT(memcmp(message.data, hello + RECORD_HEADER, MESSAGE) == 0);
			}
			buffer_free(&message);
		}
		buffer_free(&cut);
	}
}

static void test_message_after_change_cipher_spec(void)
{
	struct buffer bytes = {0}, message = {0};
	size_t used = 0;

	buffer_append(&bytes, "\x14\x03\x03\x00\x01\x01", 6);
	buffer_append(&bytes, hello, sizeof(hello));
	buffer_append(&bytes, "next", 4);
	CU_ASSERT_EQUAL(record_message(bytes.data, bytes.length, &message, &used), RECORD_WHOLE);
	CU_ASSERT_EQUAL(used, 6 + sizeof(hello));
	buffer_free(&bytes);
	buffer_free(&message);
}

static void test_not_handshake(void)
{
	static const char *const others[] = {"GET / HTTP/1.1\r\n", "\x80\x2e\x01\x00\x02",
					     "\x15\x03\x01\x00\x02\x01\x00", "\x16\x03\x01\x00\x04\x01\xff\xff\xff"};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct buffer message = {0};
		size_t used = 0, length = i == 3 ? 9 : 5;

		CU_ASSERT_EQUAL(record_message((const uint8_t *)others[i], length, &message, &used), RECORD_OTHER);
		buffer_free(&message);
	}
}

static void test_corrupt(void)
{
	struct buffer cut = {0};
	uint8_t copy[sizeof(hello)];

	memcpy(copy, hello, sizeof(hello));
	CU_ASSERT(record_corrupt(copy, sizeof(copy), 0));
	CU_ASSERT_EQUAL(copy[RECORD_HEADER], 0x00);
	CU_ASSERT(record_corrupt(copy, sizeof(copy), -1));
	CU_ASSERT_EQUAL(copy[sizeof(copy) - 1], 0x64);
	CU_ASSERT_FALSE(record_corrupt(copy, sizeof(copy), MESSAGE));
	CU_ASSERT_FALSE(record_corrupt(copy, sizeof(copy), -(long)MESSAGE - 1));
	/* never a header, however the records are cut */
	record_split(&cut, hello, sizeof(hello), 4);
	CU_ASSERT(record_corrupt(cut.data, cut.length, 4));
	CU_ASSERT_EQUAL(cut.data[2 * RECORD_HEADER + 4], 0x60);
	buffer_free(&cut);
}

const struct unit_test unit_tests[] = {
	{"a payload becomes a record, an empty one too", test_append},
	{"a message is whole exactly when its last byte is there, whatever the records", test_message_cut_everywhere},
	{"a ChangeCipherSpec before a message is passed over, what follows is left",
	 test_message_after_change_cipher_spec},
	{"what is no handshake record, or too large a message, is told apart", test_not_handshake},
	{"one byte of a payload is changed, never a header", test_corrupt},
	{NULL, NULL},
};
