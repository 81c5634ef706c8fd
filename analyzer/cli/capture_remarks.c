/* capture_remarks.c: see capture_remarks.h. */
#include "analyzer/cli/capture_remarks.h"

#include <inttypes.h>

struct remark {
	uint64_t count;
	const char *one, *many; /* "%s" of them */
};

const char *capture_remark(const struct report_capture *capture, unsigned i, capture_remark_buffer buffer)
{
	const struct tlsdiag_counts *c = &capture->counts;
	const struct remark remarks[CAPTURE_REMARKS] = {
		{capture->dropped, "packet was lost by the capture itself", "packets were lost by the capture itself"},
		{c->cut_short, "packet is cut short (take more with tcpdump -s 0)",
		 "packets are cut short (take more with tcpdump -s 0)"},
		{c->malformed, "packet has impossible lengths", "packets have impossible lengths"},
		{c->unknown_linktype, "packet has a link type that is not known",
		 "packets have link types that are not known"},
		{c->duplicates, "packet was captured twice",
		 "packets were captured twice (a port mirror, or several interfaces)"},
		{c->fragments_given_up, "fragmented datagram was never complete",
		 "fragmented datagrams were never complete"},
		{c->keylog_malformed, "line of the key logs is no secret", "lines of the key logs are no secrets"},
		{c->flows_evicted, "connection was decided early to stay within the bounds (--max-flows, --max-memory)",
		 "connections were decided early to stay within the bounds (--max-flows, --max-memory)"},
		{c->stream_bytes_given_up, "byte found no room to wait for what came before it (--max-stream)",
		 "bytes found no room to wait for what came before them (--max-stream)"},
	};
	const struct remark *r = &remarks[i];

	if (!r->count)
		return NULL;
	snprintf(buffer, sizeof(capture_remark_buffer), "%" PRIu64 " %s", r->count, r->count == 1 ? r->one : r->many);
	return buffer;
}
