/* certificate.h: what the certificates that a peer sent show by themselves, as evidence beside an alert.
 *
 * A finding is a fact of the wire ("expired on …", "its issuer was not sent"), never a verdict: the other peer may not
 * have minded, and what it trusts is not on the wire. Nothing is looked up, and no trust store is read. Certificates
 * are hostile input: sizes and counts are bounded, text is shown in printable ASCII, and one that cannot be read is
 * itself a finding.
 */
#ifndef ANALYZER_CERTIFICATE_H
#define ANALYZER_CERTIFICATE_H

#include "certificate_chain.h"

#define CERTIFICATE_FINDINGS_MAX 16
#define CERTIFICATE_SENTENCE_MAX 320
#define CERTIFICATE_NAME_MAX 96

enum certificate_finding_kind {
	CERTIFICATE_UNREADABLE, /* no X.509, or larger than 64 KiB */
	CERTIFICATE_EXPIRED,
	CERTIFICATE_NOT_YET_VALID,
	CERTIFICATE_SELF_SIGNED,
	CERTIFICATE_WRONG_NAME, /* no name in it covers the SNI */
	CERTIFICATE_NO_SAN, /* only a common name, which clients no longer look at (RFC 9525) */
	CERTIFICATE_ISSUER_NOT_SENT, /* of the peer's own, or of one between it and the last */
	CERTIFICATE_OUT_OF_ORDER, /* RFC 5246 section 7.4.2 wants each signed by the next */
	CERTIFICATE_BAD_SIGNATURE, /* the next one's name, but not its key */
	CERTIFICATE_WEAK_KEY, /* RSA or DSA below 2048 bits, EC below 224 */
	CERTIFICATE_WEAK_SIGNATURE, /* MD5 or SHA-1, on one that is not self-signed */
	CERTIFICATE_WRONG_PURPOSE, /* extended key usage without serverAuth, or clientAuth */
	CERTIFICATE_NO_SIGNING, /* key usage without digitalSignature */
	CERTIFICATE_IS_CA, /* a CA's certificate used as a peer's own */
	CERTIFICATE_NOT_CA, /* an issuer that may not issue */
	CERTIFICATE_PATH_TOO_LONG,
	CERTIFICATE_NAME_NOT_PERMITTED, /* by an issuer's name constraints */
	CERTIFICATE_CRITICAL_EXTENSION, /* one that OpenSSL does not know */
};

struct certificate_finding {
	enum certificate_finding_kind kind;
	uint8_t index; /* which certificate, 0 the peer's own */
	char sentence[CERTIFICATE_SENTENCE_MAX]; /* lower case, without a full stop */
};

struct certificate_report {
	uint8_t sent; /* certificates in the message, as far as the list holds them */
	bool readable; /* the peer's own was read; else the facts below are empty */
	char subject[CERTIFICATE_NAME_MAX]; /* common name, else organization, else "" */
	char issuer[CERTIFICATE_NAME_MAX];
	char names[256]; /* of subjectAltName: "a.example, b.example and 3 more" */
	int64_t not_before, not_after; /* seconds since 1970 */
	bool self_signed;
	bool must_staple; /* RFC 7633: asks for an OCSP response in the handshake */
	uint8_t count;
	struct certificate_finding findings[CERTIFICATE_FINDINGS_MAX]; /* the peer's own first */
};

/* Examines what `list` points at. `of_server`: a server's certificates, to be used for `server_name` (the SNI, "" when
 * there was none) at packet time `time_ns`; else a client's. `chains` spares decoding again what was decoded already;
 * it may be NULL. */
void certificate_examine(struct certificate_chains *chains, const struct certificate_list *list, bool of_server,
			 const char *server_name, int64_t time_ns, struct certificate_report *out);

#endif
