/* packet.c: the ways into packet decoding, and the loop that runs its layers (decode.h says how they fit together). */
#include "packet.h"

#include "decode.h"

enum parse_result decode_run(struct decode *d)
{
	for (unsigned layers = 0; d->next && d->next != d->stop_before && layers < DECODE_LAYERS_MAX; layers++) {
		layer_fn *layer = d->next;
		const uint8_t *at = d->in.at;
		enum parse_result result;

		d->next = NULL;
		result = layer(d);
		if (result == PARSE_MALFORMED && d->guessed)
			return PARSE_OK;
		if (result != PARSE_OK)
			return result;
		if (d->watcher)
			d->watcher->header(d->watcher->context, layer, d, at, (size_t)(d->in.at - at));
	}
	return PARSE_OK;
}

bool packet_linktype_known(int linktype)
{
	return link_layer(linktype) != NULL;
}

enum parse_result decode_frame(int linktype, const uint8_t *frame, uint32_t captured, uint32_t wire,
			       const struct decode_watcher *watcher, struct packet *out)
{
	struct decode d = {
		.in = cursor_over(frame, captured),
		.beyond = wire > captured ? wire - captured : 0,
		.next = link_layer(linktype),
		.watcher = watcher,
		.out = out,
	};

	/* The rest is for the layers to set; clearing all of it would take longer than decoding does. */
	out->kind = PACKET_OTHER;
	out->src = (struct ip_address){0};
	out->dst = (struct ip_address){0};
	out->vlan = 0;
	out->tunnel = 0;
	return decode_run(&d);
}

enum parse_result packet_decode(int linktype, const uint8_t *frame, uint32_t captured, uint32_t wire,
				struct packet *out)
{
	return decode_frame(linktype, frame, captured, wire, NULL, out);
}

enum parse_result decode_ip_payload(uint8_t protocol, const uint8_t *bytes, uint32_t captured, uint32_t wire,
				    const struct decode_watcher *watcher, struct packet *out)
{
	struct decode d = {
		.in = cursor_over(bytes, captured),
		.beyond = wire > captured ? wire - captured : 0,
		.next = ip_protocol_layer(protocol),
		.watcher = watcher,
		.out = out,
	};

	out->kind = PACKET_OTHER;
	return decode_run(&d);
}

enum parse_result packet_decode_ip_payload(uint8_t protocol, const uint8_t *bytes, uint32_t captured, uint32_t wire,
					   struct packet *out)
{
	return decode_ip_payload(protocol, bytes, captured, wire, NULL, out);
}
