/* pcap_library.h: libpcap, loaded where it is needed: for an interface, or for a filter.
 *
 * Reading a capture needs none of it; and to link it with all that it is linked with itself (D-Bus, systemd, and what
 * they need) takes longer than to read what a few connections left behind.
 */
#ifndef CLI_PCAP_LIBRARY_H
#define CLI_PCAP_LIBRARY_H

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>

/* What tlsdiag calls of it. */
#define PCAP_LIBRARY_CALLS(DO)                                                                                         \
	DO(activate)                                                                                                   \
	DO(close)                                                                                                      \
	DO(compile)                                                                                                    \
	DO(create)                                                                                                     \
	DO(datalink)                                                                                                   \
	DO(datalink_val_to_name)                                                                                       \
	DO(findalldevs)                                                                                                \
	DO(freealldevs)                                                                                                \
	DO(freecode)                                                                                                   \
	DO(get_selectable_fd)                                                                                          \
	DO(get_tstamp_precision)                                                                                       \
	DO(geterr)                                                                                                     \
	DO(next_ex)                                                                                                    \
	DO(offline_filter)                                                                                             \
	DO(open_dead)                                                                                                  \
	DO(set_buffer_size)                                                                                            \
	DO(set_datalink)                                                                                               \
	DO(set_promisc)                                                                                                \
	DO(set_snaplen)                                                                                                \
	DO(set_timeout)                                                                                                \
	DO(set_tstamp_precision)                                                                                       \
	DO(setfilter)                                                                                                  \
	DO(setnonblock)                                                                                                \
	DO(stats)                                                                                                      \
	DO(statustostr)

struct pcap_library {
#define PCAP_LIBRARY_MEMBER(call) __typeof__(pcap_##call) *(call);
	PCAP_LIBRARY_CALLS(PCAP_LIBRARY_MEMBER)
#undef PCAP_LIBRARY_MEMBER
};

/* Before the program locks itself in. False, with a sentence in error, where there is none. It stays loaded until the
 * program ends. */
bool pcap_library_load(struct pcap_library *library, char *error, size_t size);

#endif
