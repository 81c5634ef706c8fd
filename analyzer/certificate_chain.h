/* certificate_chain.h: the certificates of a message as libcrypto decodes them, and which of them signed which.
 *
 * To decode a chain and verify its signatures takes longer than to read a hundred connections, and a server that is in
 * trouble sends the same one each time. So the latest chains are kept, found again by their very bytes; when they are
 * used, where and for what name makes no difference to what is kept.
 */
#ifndef ANALYZER_CERTIFICATE_CHAIN_H
#define ANALYZER_CERTIFICATE_CHAIN_H

#include "handshake.h"

#include <openssl/x509v3.h>

enum issued {
	ISSUED_UNKNOWN, /* not asked yet */
	ISSUED_NOT, /* another name */
	ISSUED_BY_NAME, /* the name, but the signature is not from its key */
	ISSUED,
};

struct certificate_chain {
	uint8_t count;
	X509 *at[CERTIFICATES_MAX]; /* NULL: unreadable */
	uint8_t issued[CERTIFICATES_MAX][CERTIFICATES_MAX]; /* enum issued, of a child and a parent */
	unsigned verifications; /* of signatures, so far */
	struct certificate_list der; /* where it is kept: into `bytes` */
	uint64_t used; /* when it was last, in chains */
	uint8_t bytes[];
};

/* The latest ones; all zero: none yet. */
#define CERTIFICATE_CHAINS_KEPT 32
#define CERTIFICATE_CHAIN_KEPT_MAX (32u << 10) /* bytes of one that is kept */
struct certificate_chains {
	struct certificate_chain *kept[CERTIFICATE_CHAINS_KEPT];
	uint64_t uses;
};

/* The chain of a list: one that is kept, or decoded now. NULL when out of memory. */
struct certificate_chain *certificate_chain_take(struct certificate_chains *chains,
						 const struct certificate_list *list);
/* It is used no more: kept in place of the one unused longest, or freed. `chains` as when it was taken; NULL: none is
 * kept. */
void certificate_chain_leave(struct certificate_chains *chains, struct certificate_chain *chain);
void certificate_chains_clear(struct certificate_chains *chains);

/* Whether the certificate `parent` issued the certificate `child`. Both were readable. */
enum issued certificate_chain_issued(struct certificate_chain *chain, uint8_t child, uint8_t parent);

#endif
