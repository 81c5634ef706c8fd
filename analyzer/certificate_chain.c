/* certificate_chain.c: see certificate_chain.h. */
#include "certificate_chain.h"

#include <stdlib.h>
#include <string.h>

#define DER_MAX (64 * 1024)
/* What a hostile chain may cost: larger keys are not tried, nor more signatures. Those are taken as good. */
#define VERIFY_BITS_MAX 8192
#define VERIFICATIONS_MAX 32

static X509 *read_der(const struct cursor *der)
{
	const uint8_t *at = der->at;
	X509 *x = der->left <= DER_MAX ? d2i_X509(NULL, &at, (long)der->left) : NULL;

	if (x && at == der->at + der->left)
		return x;
	X509_free(x);
	return NULL;
}

static void chain_free(struct certificate_chain *chain)
{
	if (!chain)
		return;
	for (uint8_t i = 0; i < chain->count; i++)
		X509_free(chain->at[i]);
	free(chain);
}

static size_t length_of(const struct certificate_list *list)
{
	size_t n = 0;

	for (uint8_t i = 0; i < list->count; i++)
		n += list->der[i].left;
	return n;
}

static struct certificate_chain *chain_new(const struct certificate_list *list)
{
	size_t length = length_of(list), kept = length <= CERTIFICATE_CHAIN_KEPT_MAX ? length : 0;
	struct certificate_chain *chain = calloc(1, sizeof(*chain) + kept);
	uint8_t *to;

	if (!chain)
		return NULL;
	chain->count = list->count;
	for (uint8_t i = 0; i < list->count; i++)
		chain->at[i] = read_der(&list->der[i]);
	to = chain->bytes;
	for (uint8_t i = 0; kept && i < list->count; i++) {
		chain->der.der[chain->der.count++] = cursor_over(to, list->der[i].left);
		if (list->der[i].left)
			memcpy(to, list->der[i].at, list->der[i].left);
		to += list->der[i].left;
	}
	return chain;
}

static bool same(const struct certificate_list *a, const struct certificate_list *b)
{
	if (a->count != b->count)
		return false;
	for (uint8_t i = 0; i < a->count; i++)
		if (a->der[i].left != b->der[i].left ||
		    (a->der[i].left && memcmp(a->der[i].at, b->der[i].at, a->der[i].left) != 0))
			return false;
	return true;
}

struct certificate_chain *certificate_chain_take(struct certificate_chains *chains, const struct certificate_list *list)
{
	for (size_t i = 0; chains && i < CERTIFICATE_CHAINS_KEPT; i++)
		if (chains->kept[i] && same(&chains->kept[i]->der, list))
			return chains->kept[i];
	return chain_new(list);
}

/* Where it is, or else what makes room for it: a free place, or the one unused longest. */
static struct certificate_chain **place_of(struct certificate_chains *chains, const struct certificate_chain *chain)
{
	struct certificate_chain **place = NULL;

	for (size_t i = 0; i < CERTIFICATE_CHAINS_KEPT; i++) {
		struct certificate_chain **each = &chains->kept[i];

		if (*each == chain)
			return each;
		if (!place || (*place && (!*each || (*each)->used < (*place)->used)))
			place = each;
	}
	return place;
}

void certificate_chain_leave(struct certificate_chains *chains, struct certificate_chain *chain)
{
	struct certificate_chain **place;

	if (!chains || !chain->der.count) {
		chain_free(chain);
		return;
	}
	chain->used = ++chains->uses;
	place = place_of(chains, chain);
	if (*place != chain)
		chain_free(*place);
	*place = chain;
}

void certificate_chains_clear(struct certificate_chains *chains)
{
	for (size_t i = 0; i < CERTIFICATE_CHAINS_KEPT; i++)
		chain_free(chains->kept[i]);
	*chains = (struct certificate_chains){0};
}

static enum issued find_issued(struct certificate_chain *chain, X509 *child, X509 *parent)
{
	EVP_PKEY *key = X509_get0_pubkey(parent);

	if (X509_NAME_cmp(X509_get_issuer_name(child), X509_get_subject_name(parent)) != 0)
		return ISSUED_NOT;
	if (!key || EVP_PKEY_get_bits(key) > VERIFY_BITS_MAX || chain->verifications >= VERIFICATIONS_MAX)
		return ISSUED;
	chain->verifications++;
	return X509_verify(child, key) == 1 ? ISSUED : ISSUED_BY_NAME;
}

enum issued certificate_chain_issued(struct certificate_chain *chain, uint8_t child, uint8_t parent)
{
	uint8_t *issued = &chain->issued[child][parent];

	if (*issued == ISSUED_UNKNOWN)
		*issued = (uint8_t)find_issued(chain, chain->at[child], chain->at[parent]);
	return (enum issued) * issued;
}
