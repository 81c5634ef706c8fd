/* example.c: libtlsdiag in 40 lines: prints one line for each TLS connection in a capture file.
 *
 *     cc example.c $(pkg-config --cflags --libs libtlsdiag libpcap) -o example && ./example capture.pcap
 */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <tlsdiag.h>

static void print(const struct tlsdiag_verdict *verdict, void *context)
{
	(void)context;
	printf("%" PRIu64 "\t%s\t%s\t%s\n", verdict->number, tlsdiag_outcome_name(verdict->outcome), verdict->signature,
	       verdict->summary);
}

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *capture =
		argc == 2 ? pcap_open_offline_with_tstamp_precision(argv[1], PCAP_TSTAMP_PRECISION_NANO, error) : NULL;
	struct tlsdiag *diag = tlsdiag_new(NULL, print, NULL);
	struct tlsdiag_packet packet = {0};
	struct pcap_pkthdr *header;
	int got = PCAP_ERROR;

	while (capture && diag && (got = pcap_next_ex(capture, &header, &packet.bytes)) == 1) {
		packet.frame++;
		packet.time_ns =
			header->ts.tv_sec * INT64_C(1000000000) + header->ts.tv_usec; /* nanoseconds, as asked */
		packet.captured = header->caplen;
		packet.wire = header->len;
		tlsdiag_packet(diag, pcap_datalink(capture), &packet);
	}
	if (got == PCAP_ERROR_BREAK) /* the end of the file */
		tlsdiag_finish(diag);
	tlsdiag_free(diag);
	if (capture)
		pcap_close(capture);
	return got == PCAP_ERROR_BREAK ? 0 : 2;
}
