/* bare.c: the least that reading a capture with libpcap costs: a loop that looks at the length of each packet and
 * nothing else. What tlsdiag's time is compared with.
 */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

struct sum {
	uint64_t packets, bytes;
};

static void count(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct sum *sum = (struct sum *)(void *)user;

	(void)bytes;
	sum->packets++;
	sum->bytes += header->caplen;
}

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	struct sum sum = {0};
	pcap_t *file = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
	int result;

	if (!file) {
		fprintf(stderr, "%s\n", argc == 2 ? error : "usage: bare CAPTURE");
		return EXIT_FAILURE;
	}
	result = pcap_dispatch(file, -1, count, (u_char *)&sum);
	printf("%" PRIu64 " packets, %" PRIu64 " bytes\n", sum.packets, sum.bytes);
	pcap_close(file);
	return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
