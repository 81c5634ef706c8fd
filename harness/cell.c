/* cell.c: makes the three places of a cell inside the process that cell_fork() started.
 *
 * The process is born in the client's network namespace; path and server are made by unshare(2), and each is held by a
 * descriptor alone. The files that decide how names are resolved are replaced for the whole cell, by mounts that only
 * its mount namespace has.
 */
#include "harness/cell.h"
#include "harness/network.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct cell {
	int namespaces[CELL_PLACES];
	struct nl_sock *sockets[CELL_PLACES];
	bool ipv6, wire;
};

/* What every place is, and what path is beside that; settings for IPv6 come last, and only where there is IPv6.
 * Written before there is any interface, so that "default" is enough for all of them. */
static const struct cell_setting plain_settings[] = {
	{CELL_PATH, "net.ipv4.ip_forward", "1"},
	{CELL_CLIENT, "net.ipv4.conf.all.rp_filter", "0"},
	{CELL_CLIENT, "net.ipv4.conf.default.rp_filter", "0"},
	{CELL_PATH, "net.ipv4.conf.all.rp_filter", "0"},
	{CELL_PATH, "net.ipv4.conf.default.rp_filter", "0"},
	{CELL_SERVER, "net.ipv4.conf.all.rp_filter", "0"},
	{CELL_SERVER, "net.ipv4.conf.default.rp_filter", "0"},
	/* no kind of ICMP error is limited: neither for each destination nor over all (the mask is for both) */
	{CELL_PATH, "net.ipv4.icmp_ratelimit", "0"},
	{CELL_PATH, "net.ipv4.icmp_ratemask", "0"},
	{CELL_SERVER, "net.ipv4.icmp_ratelimit", "0"},
	{CELL_SERVER, "net.ipv4.icmp_ratemask", "0"},
};

static const struct cell_setting plain_ipv6_settings[] = {
	{CELL_PATH, "net.ipv6.icmp.ratelimit", "0"},
	{CELL_SERVER, "net.ipv6.icmp.ratelimit", "0"},
	/* "2" is Packet Too Big, which is never limited (RFC 4443 section 2.4 f is about the others) */
	{CELL_PATH, "net.ipv6.icmp.ratemask", "2"},
	{CELL_SERVER, "net.ipv6.icmp.ratemask", "2"},
};

/* A router joins ff02::2 on every interface that can do multicast, and reports it. So this is written when the
 * interfaces are there and cannot (network.c), and not before, when they still could. */
static const struct cell_setting ipv6_forwarding = {CELL_PATH, "net.ipv6.conf.all.forwarding", "1"};

struct common_setting {
	const char *name, *value;
};

/* The same in all three places. addr_gen_mode 1: no link-local addresses, and so nothing to say about them. */
static const struct common_setting quiet_ipv6_settings[] = {
	{"net.ipv6.conf.all.disable_ipv6", "0"},
	{"net.ipv6.conf.default.disable_ipv6", "0"},
	{"net.ipv6.conf.default.addr_gen_mode", "1"},
	{"net.ipv6.conf.default.accept_ra", "0"},
};

static const struct common_setting no_ipv6_settings[] = {
	{"net.ipv6.conf.default.disable_ipv6", "1"},
};

/* quickack: every segment is acknowledged at once. A delayed ACK goes alone or with data, as the load on the machine
 * has it. */
static const struct cell_route plain_routes[] = {
	{CELL_CLIENT, "default", NULL, CELL_PATH_CLIENT_IPV4, {{"quickack", 1}}},
	{CELL_SERVER, "default", NULL, CELL_PATH_SERVER_IPV4, {{"quickack", 1}}},
	{CELL_CLIENT, "default6", NULL, CELL_PATH_CLIENT_IPV6, {{"quickack", 1}}},
	{CELL_SERVER, "default6", NULL, CELL_PATH_SERVER_IPV6, {{"quickack", 1}}},
};

bool cell_enter(const struct cell *cell, enum cell_place place, struct error *error)
{
	return setns(cell->namespaces[place], CLONE_NEWNET) == 0 || error_errno(error, "entering a namespace");
}

/* Only what belongs to a network namespace may be written: the rest of /proc/sys is the whole machine's. */
static bool setting_path(const char *name, char *path, size_t size, struct error *error)
{
	int length = snprintf(path, size, "/proc/sys/%s", name);

	if (length < 0 || (size_t)length >= size)
		return error_set(error, "setting %s: name too long", name);
	if (strchr(name, '/') == NULL)
		for (char *c = path + strlen("/proc/sys/"); *c; c++)
			if (*c == '.')
				*c = '/';
	if (strncmp(path, "/proc/sys/net/", strlen("/proc/sys/net/")) != 0 || strstr(path, "/.."))
		return error_set(error, "setting %s: only net.* can be set in a cell", name);
	return true;
}

static bool write_setting(const char *name, const char *value, struct error *error)
{
	char path[256];
	size_t length = strlen(value);
	int fd;
	bool ok;

	if (!setting_path(name, path, sizeof(path), error))
		return false;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return error_set(error, "setting %s: this kernel has none in a network namespace", name);
	ok = fd >= 0 && write(fd, value, length) == (ssize_t)length;
	if (!ok)
		error_errno(error, "setting %s to %s", name, value);
	if (fd >= 0)
		close(fd);
	return ok;
}

bool cell_set(const struct cell *cell, const struct cell_setting *setting, struct error *error)
{
	return cell_enter(cell, setting->place, error) && write_setting(setting->name, setting->value, error);
}

static bool is_ipv6(const struct cell_route *route)
{
	return strcmp(route->to, "default6") == 0 || strchr(route->to, ':');
}

bool cell_set_route(const struct cell *cell, const struct cell_route *route, struct error *error)
{
	return (is_ipv6(route) && !cell->ipv6) || network_set_route(cell->sockets[route->place], route, error);
}

static bool apply_settings(const struct cell *cell, const struct cell_setting *settings, size_t count,
			   struct error *error)
{
	for (size_t i = 0; i < count; i++)
		if (!cell_set(cell, &settings[i], error))
			return false;
	return true;
}

static bool apply_routes(const struct cell *cell, const struct cell_route *routes, size_t count, struct error *error)
{
	for (size_t i = 0; i < count; i++)
		if (!cell_set_route(cell, &routes[i], error))
			return false;
	return true;
}

static bool kernel_has_ipv6(void)
{
	return access("/proc/sys/net/ipv6/conf", F_OK) == 0;
}

static bool apply_everywhere(const struct cell *cell, const struct common_setting *settings, size_t count,
			     struct error *error)
{
	for (enum cell_place place = 0; place < CELL_PLACES; place++)
		for (size_t i = 0; i < count; i++)
			if (!cell_set(cell, &(struct cell_setting){place, settings[i].name, settings[i].value}, error))
				return false;
	return true;
}

static bool apply_plain_settings(const struct cell *cell, struct error *error)
{
	if (!apply_settings(cell, plain_settings, COUNT(plain_settings), error))
		return false;
	if (cell->ipv6)
		return apply_everywhere(cell, quiet_ipv6_settings, COUNT(quiet_ipv6_settings), error) &&
		       apply_settings(cell, plain_ipv6_settings, COUNT(plain_ipv6_settings), error);
	return !kernel_has_ipv6() || apply_everywhere(cell, no_ipv6_settings, COUNT(no_ipv6_settings), error);
}

static bool write_text(const char *path, const char *text, const char *more, struct error *error)
{
	FILE *file = fopen(path, "wxe");
	bool ok = file && fputs(text, file) != EOF && fputs(more ? more : "", file) != EOF;

	if (file && fchmod(fileno(file), 0644) < 0)
		ok = false;
	if (file && fclose(file) != 0)
		ok = false;
	return ok || error_errno(error, "%s", path);
}

/* A file can only be mounted over one that is there, and minimal systems have no /etc/hosts: there a layer over /etc,
 * which this cell alone sees, brings an empty one. */
static bool provide_hosts(struct error *error)
{
	static const char layers[] = "lowerdir=/etc,upperdir=/tmp/upper,workdir=/tmp/work";

	if (access("/etc/hosts", F_OK) == 0)
		return true;
	if (mkdir("/tmp/upper", 0755) < 0 || mkdir("/tmp/work", 0755) < 0 ||
	    !write_text("/tmp/upper/hosts", "", NULL, error) || mount("overlay", "/etc", "overlay", 0, layers) < 0)
		return error_errno(error, "making up for the missing /etc/hosts");
	return true;
}

/* The new files are made in a memory file system that is mounted nowhere afterwards: the mounts over the old ones keep
 * it alive. An old file that is not there needs no replacing, but for /etc/hosts. */
static bool replace_files(const char *hosts, struct error *error)
{
	static const char scratch[] = "/tmp";
	const struct {
		const char *path, *scratch, *text, *more;
		bool required;
	} files[] = {
		{"/etc/hosts", "/tmp/hosts", "127.0.0.1 localhost\n::1 localhost\n", hosts, true},
		{"/etc/resolv.conf", "/tmp/resolv.conf", "# no name servers in a cell\n", NULL, false},
		{"/etc/nsswitch.conf", "/tmp/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n", NULL,
		 false},
	};

	if (mount("tmpfs", scratch, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64k,mode=755") < 0)
		return error_errno(error, "mounting a tmpfs");
	if (!provide_hosts(error))
		return false;
	for (size_t i = 0; i < COUNT(files); i++) {
		if (!write_text(files[i].scratch, files[i].text, files[i].more, error))
			return false;
		if (mount(files[i].scratch, files[i].path, NULL, MS_BIND, NULL) < 0 &&
		    (files[i].required || errno != ENOENT))
			return error_errno(error, "replacing %s", files[i].path);
	}
	return umount2(scratch, MNT_DETACH) == 0 || error_errno(error, "unmounting a tmpfs");
}

static bool make_namespaces(struct cell *cell, struct error *error)
{
	for (enum cell_place place = 0; place < CELL_PLACES; place++) {
		if (place != CELL_CLIENT && unshare(CLONE_NEWNET) < 0)
			return error_errno(error, "making a network namespace");
		cell->namespaces[place] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (cell->namespaces[place] < 0)
			return error_errno(error, "/proc/self/ns/net");
		cell->sockets[place] = network_open(error);
		if (!cell->sockets[place] || !network_set_up_loopback(cell->sockets[place], error))
			return false;
	}
	return true;
}

static bool join(const struct cell *cell, enum cell_interface one, enum cell_interface other,
		 const unsigned mtu[CELL_INTERFACES], struct error *error)
{
	enum cell_place place = cell_interface_place(other);

	return network_add_pair(cell->sockets[CELL_PATH], one, other, cell->namespaces[place], mtu, error) &&
	       network_set_up(cell->sockets[place], other, error);
}

static bool configure(const struct cell *cell, enum cell_interface interface, struct error *error)
{
	enum cell_place place = cell_interface_place(interface);

	return cell_enter(cell, place, error) && network_switch_off_offloads(interface, error) &&
	       network_add_addresses(cell->sockets[place], interface, cell->ipv6, error);
}

static bool join_client(const struct cell *cell, const unsigned mtu[CELL_INTERFACES], struct error *error)
{
	if (!cell->wire)
		return join(cell, CELL_PATH_CLIENT, CELL_CLIENT_ETH0, mtu, error);
	return join(cell, CELL_WIRE_CLIENT, CELL_CLIENT_ETH0, mtu, error) &&
	       join(cell, CELL_PATH_CLIENT, CELL_WIRE_PATH, mtu, error) && cell_enter(cell, CELL_PATH, error) &&
	       network_switch_off_offloads(CELL_WIRE_CLIENT, error) &&
	       network_switch_off_offloads(CELL_WIRE_PATH, error);
}

static bool join_places(const struct cell *cell, const unsigned mtu[CELL_INTERFACES], struct error *error)
{
	struct nl_sock *monitors[CELL_PLACES] = {NULL};
	bool ok = true;

	for (enum cell_place place = 0; ok && place < CELL_PLACES; place++)
		ok = cell_enter(cell, place, error) && (monitors[place] = network_open_monitor(error)) != NULL;
	ok = ok && join_client(cell, mtu, error) && join(cell, CELL_PATH_SERVER, CELL_SERVER_ETH0, mtu, error) &&
	     (!cell->ipv6 || cell_set(cell, &ipv6_forwarding, error));
	for (enum cell_interface i = 0; ok && i < CELL_INTERFACES; i++)
		ok = configure(cell, i, error);
	for (enum cell_place place = 0; ok && place < CELL_PLACES; place++)
		ok = network_wait_until_ready(monitors[place], place, cell->ipv6, cell->wire, error);
	for (enum cell_place place = 0; place < CELL_PLACES; place++)
		nl_socket_free(monitors[place]);
	return ok;
}

static bool make(struct cell *cell, const struct cell_options *options, struct error *error)
{
	return make_namespaces(cell, error) && replace_files(options->hosts, error) &&
	       apply_plain_settings(cell, error) && join_places(cell, options->mtu, error) &&
	       apply_routes(cell, plain_routes, COUNT(plain_routes), error) &&
	       apply_routes(cell, options->routes, options->route_count, error) &&
	       apply_settings(cell, options->settings, options->setting_count, error) &&
	       cell_enter(cell, CELL_CLIENT, error);
}

struct cell *cell_new(const struct cell_options *options, struct error *error)
{
	struct cell *cell = calloc(1, sizeof(*cell));

	if (!cell) {
		error_set(error, "out of memory");
		return NULL;
	}
	for (enum cell_place place = 0; place < CELL_PLACES; place++)
		cell->namespaces[place] = -1;
	cell->wire = options->wire;
	cell->ipv6 = !options->ipv4_alone && kernel_has_ipv6();
	if (make(cell, options, error))
		return cell;
	cell_free(cell);
	return NULL;
}

void cell_free(struct cell *cell)
{
	if (!cell)
		return;
	for (enum cell_place place = 0; place < CELL_PLACES; place++) {
		nl_socket_free(cell->sockets[place]);
		if (cell->namespaces[place] >= 0)
			close(cell->namespaces[place]);
	}
	free(cell);
}

bool cell_has_ipv6(const struct cell *cell)
{
	return cell->ipv6;
}
