/* place.c: see place.h. */
#include "harness/place.h"
#include "harness/firewall.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
	METRICS_MAX = sizeof(((struct cell_route *)NULL)->metrics) / sizeof(((struct cell_route *)NULL)->metrics[0]),
};

static const char *const route_types[] = {"unicast", "blackhole", "unreachable", "prohibit", "throw", NULL};

/* The length of an address in bits; 0: it is none. */
static int address_bits(const char *text)
{
	unsigned char scratch[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, text, scratch) == 1)
		return 32;
	return inet_pton(AF_INET6, text, scratch) == 1 ? 128 : 0;
}

static bool is_prefix(const char *text)
{
	char address[INET6_ADDRSTRLEN];
	size_t length = strcspn(text, "/");
	const char *bits = text + length + (text[length] == '/');
	char *end;

	if (length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (!text[length])
		return address_bits(address) > 0;
	return *bits >= '0' && *bits <= '9' && strtol(bits, &end, 10) <= address_bits(address) && !*end &&
	       address_bits(address) > 0;
}

static bool take_destination(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	const char **to = into;

	if (!document_string(d, node, unused, into))
		return false;
	return strcmp(*to, "default") == 0 || strcmp(*to, "default6") == 0 || is_prefix(*to) ||
	       document_fail(d, node, "'%s' is no destination: an address, a prefix, 'default' or 'default6'", *to);
}

static bool take_gateway(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	const char **via = into;

	return document_string(d, node, unused, into) &&
	       (address_bits(*via) > 0 || document_fail(d, node, "'%s' is no address", *via));
}

/* into: the route; name: the metric's, in the words of ip-route(8). */
static bool take_metric(struct document *d, yaml_node_t *node, const void *name, void *into)
{
	static const int range[] = {0, INT_MAX};
	struct cell_route *route = into;
	int value, used = 0;

	while (used < METRICS_MAX && route->metrics[used].name)
		used++;
	if (used == METRICS_MAX)
		return document_fail(d, node, "more than %d metrics", METRICS_MAX);
	if (!document_integer(d, node, range, &value))
		return false;
	route->metrics[used].name = name;
	route->metrics[used].value = (unsigned)value;
	return true;
}

static const struct document_key route_keys[] = {
	DOCUMENT_KEY("to", take_destination, cell_route, to, NULL, true),
	DOCUMENT_KEY("type", document_choice, cell_route, type, route_types, false),
	DOCUMENT_KEY("via", take_gateway, cell_route, via, NULL, false),
	{"mtu", take_metric, 0, "mtu", false},
	{"advmss", take_metric, 0, "advmss", false},
	{"initcwnd", take_metric, 0, "initcwnd", false},
	{"rto_min", take_metric, 0, "rto_min", false},
	{"quickack", take_metric, 0, "quickack", false},
	DOCUMENT_KEYS_END,
};

bool place_take_routes(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	struct place_routes *routes = into;
	yaml_node_item_t *first;

	(void)unused;
	if (node->type != YAML_SEQUENCE_NODE)
		return document_fail(d, node, "a list of routes must stand here");
	first = node->data.sequence.items.start;
	routes->count = (size_t)(node->data.sequence.items.top - first);
	routes->items = document_alloc(d, routes->count, sizeof(*routes->items));
	if (!routes->items)
		return document_fail(d, node, "out of memory");
	for (size_t i = 0; i < routes->count; i++) {
		yaml_node_t *entry = yaml_document_get_node(&d->yaml, first[i]);
		struct cell_route *route = &routes->items[i];

		if (!document_mapping(d, entry, route_keys, false, route))
			return false;
		if (!route->via && (!route->type || strcmp(route->type, "unicast") == 0))
			return document_fail(d, entry, "a route without a type needs 'via'");
	}
	return true;
}

bool place_take_sysctl(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	const struct document_pairs *pairs = into;

	if (!document_pairs(d, node, unused, into))
		return false;
	for (size_t i = 0; i < pairs->count; i++) {
		const char *name = pairs->items[i].name;

		if (strncmp(name, "net.", strlen("net.")) != 0)
			return document_fail(d, pairs->items[i].name_node,
					     "'%s': only settings below 'net.' belong to a place", name);
	}
	return true;
}

bool place_apply(const struct cell *cell, enum cell_place where, const struct place *place, struct error *error)
{
	for (size_t i = 0; i < place->sysctl.count; i++) {
		const struct document_pair *pair = &place->sysctl.items[i];

		if (!cell_set(cell, &(struct cell_setting){where, pair->name, pair->value}, error))
			return false;
	}
	for (size_t i = 0; i < place->routes.count; i++) {
		struct cell_route route = place->routes.items[i];

		route.place = where;
		if (!cell_set_route(cell, &route, error))
			return false;
	}
	return !*place->nft || firewall_apply(cell, where, place->nft, error);
}
