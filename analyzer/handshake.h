/* handshake.h: TLS handshake messages in clear (RFC 8446 section 4, RFC 5246 section 7.4, RFC 6101, RFC 5246 appendix
 * E.2).
 *
 * Each parser takes the bytes that are there and the length the message claims. It fills the result as far as the bytes
 * go, so that a message cut by the snap length still yields its first fields:
 *   PARSE_OK         whole and well-formed
 *   PARSE_NEED_MORE  well-formed so far, fewer bytes than claimed
 *   PARSE_MALFORMED  breaks the rules; *why says which one, in a few words for people (static storage)
 * What a fact means (a downgrade, a version that was not offered) is judged in verdict.h, not here.
 */
#ifndef ANALYZER_HANDSHAKE_H
#define ANALYZER_HANDSHAKE_H

#include "cursor.h"

/* RFC 8446 section 4 and IANA "TLS HandshakeType". */
enum handshake_type {
	HS_HELLO_REQUEST = 0,
	HS_CLIENT_HELLO = 1,
	HS_SERVER_HELLO = 2,
	HS_HELLO_VERIFY_REQUEST = 3,
	HS_NEW_SESSION_TICKET = 4,
	HS_END_OF_EARLY_DATA = 5,
	HS_HELLO_RETRY_REQUEST_DRAFT = 6, /* TLS 1.3 drafts up to 18 */
	HS_ENCRYPTED_EXTENSIONS = 8,
	HS_CERTIFICATE = 11,
	HS_SERVER_KEY_EXCHANGE = 12,
	HS_CERTIFICATE_REQUEST = 13,
	HS_SERVER_HELLO_DONE = 14,
	HS_CERTIFICATE_VERIFY = 15,
	HS_CLIENT_KEY_EXCHANGE = 16,
	HS_FINISHED = 20,
	HS_CERTIFICATE_URL = 21,
	HS_CERTIFICATE_STATUS = 22,
	HS_SUPPLEMENTAL_DATA = 23,
	HS_KEY_UPDATE = 24,
	HS_COMPRESSED_CERTIFICATE = 25,
	HS_NEXT_PROTOCOL = 67, /* NPN, Chrome and Firefox until 2015 */
	HS_CHANNEL_ID = 203,
	HS_MESSAGE_HASH = 254,
};

enum tls_version {
	SSL_2_0 = 0x0002,
	SSL_3_0 = 0x0300,
	TLS_1_0 = 0x0301,
	TLS_1_1 = 0x0302,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304,
	/* 0x7f00 | n: TLS 1.3 draft n; 0xfb1a, 0x7a7a…: Facebook's and GREASE */
};

/* Whether a message of this type was ever defined; what has another is no handshake message in clear. */
bool handshake_type_exists(uint8_t type);

/* Whether a version number means TLS 1.3 on the wire: 0x0304, or a recognisable draft of it. */
bool version_is_tls13(uint16_t version);

#define HELLO_CIPHERS_MAX 192
#define HELLO_LIST_MAX 48
#define HELLO_NAME_MAX 256

struct client_hello {
	bool sslv2; /* an SSLv2-compatible ClientHello (RFC 5246 appendix E.2) */
	uint16_t legacy_version; /* client_version */
	uint8_t random[32];
	uint8_t session_id_length;
	uint8_t session_id[32];

	/* Lists hold the first …_MAX entries as offered, GREASE (RFC 8701) left out; …_total counts all of those. */
	uint16_t cipher_count, cipher_total;
	uint16_t ciphers[HELLO_CIPHERS_MAX];
	uint8_t version_count; /* supported_versions; 0: extension absent */
	uint16_t versions[HELLO_LIST_MAX];
	uint8_t group_count; /* supported_groups */
	uint16_t groups[HELLO_LIST_MAX];
	uint8_t signature_count; /* signature_algorithms */
	uint16_t signatures[HELLO_LIST_MAX];
	uint8_t key_share_count; /* groups of key_share */
	uint16_t key_shares[HELLO_LIST_MAX];

	bool has_server_name;
	char server_name[HELLO_NAME_MAX]; /* host_name (RFC 6066), bytes outside printable ASCII shown as \xNN */
	char alpn[HELLO_NAME_MAX]; /* RFC 7301, joined with ',' in the order offered; "" when absent */
	bool has_early_data, has_pre_shared_key, has_session_ticket /* not empty */, has_encrypted_client_hello;
	bool has_key_share, has_supported_versions, has_post_handshake_auth, has_status_request,
		has_extended_master_secret;
	bool offers_fallback_scsv; /* 0x5600, RFC 7507 */
	bool offers_renegotiation_scsv; /* 0x00ff, RFC 5746 */
	bool has_extensions;
	bool complete; /* every field was read */
};

struct server_hello {
	bool is_retry; /* HelloRetryRequest: by its random (RFC 8446 section 4.1.3), or the drafts' message 6 */
	uint16_t legacy_version;
	uint16_t version; /* supported_versions if present, else legacy_version */
	uint8_t random[32];
	uint8_t session_id_length;
	uint8_t session_id[32];
	uint16_t cipher;
	uint8_t compression;
	bool has_key_share;
	uint16_t key_share_group; /* also the group a HelloRetryRequest asks for */
	bool has_pre_shared_key;
	bool has_session_ticket, has_status_request, has_extended_master_secret, has_renegotiation_info;
	bool has_encrypt_then_mac; /* RFC 7366; decryption must know */
	char alpn[HELLO_NAME_MAX]; /* TLS 1.2 and older; encrypted in 1.3 */
	enum {
		DOWNGRADE_NONE,
		DOWNGRADE_TO_TLS12,
		DOWNGRADE_TO_TLS11
	} downgrade; /* the random's sentinel, same section */
	bool complete;
};

/* Where the certificates of a Certificate message lie, in order (leaf first). */
#define CERTIFICATES_MAX 16
struct certificate_list {
	uint8_t count;
	struct cursor der[CERTIFICATES_MAX]; /* into the message */
};

enum parse_result client_hello_parse(struct cursor there, uint32_t length, struct client_hello *out, const char **why);

/* Whether it offers early data (RFC 8446 section 4.2.10), which client_hello_parse() finds too and takes longer for. */
bool client_hello_offers_early_data(struct cursor there, uint32_t length);

/* An SSLv2-compatible ClientHello: `there` starts at its two-byte record header; `length` is the whole record with
 * it. */
enum parse_result client_hello_parse_sslv2(struct cursor there, uint32_t length, struct client_hello *out,
					   const char **why);

/* `type` is HS_SERVER_HELLO or HS_HELLO_RETRY_REQUEST_DRAFT. */
enum parse_result server_hello_parse(enum handshake_type type, struct cursor there, uint32_t length,
				     struct server_hello *out, const char **why);

/* `tls13`: entries carry a request context and extensions (RFC 8446 section 4.4.2). */
enum parse_result certificate_parse(bool tls13, struct cursor there, uint32_t length, struct certificate_list *out,
				    const char **why);

#endif
