/* pcap_library.c: see pcap_library.h. */
#include "analyzer/cli/pcap_library.h"

#include <dlfcn.h>
#include <stdio.h>

_Static_assert(sizeof(PCAP_SONAME) > 1, "libpcap's development files are not there");

/* Whether it has all that is called. A pointer to a function is fetched as POSIX says under dlsym(). */
static bool find_calls(void *handle, struct pcap_library *library)
{
#define PCAP_LIBRARY_FIND(call)                                                                                        \
	*(void **)&library->call = dlsym(handle, "pcap_" #call);                                                       \
	if (!library->call)                                                                                            \
		return false;
	PCAP_LIBRARY_CALLS(PCAP_LIBRARY_FIND)
#undef PCAP_LIBRARY_FIND
	return true;
}

bool pcap_library_load(struct pcap_library *library, char *error, size_t size)
{
	/* What it is linked with leaves memory behind, which only itself can find again. */
	void *handle = dlopen(PCAP_SONAME, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
	const char *why;

	if (handle && find_calls(handle, library))
		return true;
	why = dlerror();
	snprintf(error, size, "%s", why ? why : PCAP_SONAME);
	return false;
}
