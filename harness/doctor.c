/* doctor.c: see doctor.h. */
#include "harness/doctor.h"

#include <errno.h>
#include <limits.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/cell.h"
#include "harness/firewall.h"
#include "harness/place.h"
#include "harness/process.h"
#include "harness/run.h"

#define EVERYTHING "nothing can run"

struct doctor {
	FILE *out;
	const struct variants *variants;
	int missing;
};

/* ---- Findings ---- */

static void found(struct doctor *d, const char *what, const char *detail)
{
	fprintf(d->out, "ok       %s%s%s\n", what, *detail ? ": " : "", detail);
}

/* A line of advice under a finding; "" for none. */
static void advise(struct doctor *d, const char *label, const char *text)
{
	if (*text)
		fprintf(d->out, "           %-11s %s\n", label, text);
}

static void lacks(struct doctor *d, const char *what, const char *why, const char *without, const char *remedy)
{
	d->missing++;
	fprintf(d->out, "missing  %s%s%.*s\n", what, *why ? ": " : "", (int)strcspn(why, "\n"), why);
	advise(d, "without it", without);
	advise(d, "get it", remedy);
}

static bool every_case(const struct variant *variant, const void *unused)
{
	(void)variant;
	(void)unused;
	return true;
}

/* "12 of 90 cases cannot run", in a buffer that the next call uses again. */
static const char *cases(const struct doctor *d, bool (*needs)(const struct variant *, const void *),
			 const void *argument, char text[64])
{
	size_t count = 0;

	for (size_t i = 0; i < d->variants->count; i++)
		count += needs(&d->variants->items[i], argument);
	snprintf(text, 64, "%zu of %zu cases cannot run", count, d->variants->count);
	return text;
}

/* ---- Namespaces, one by one ---- */

/* errno of unshare(2) in a process of its own, 0 when it worked. */
static int try_unshare(int flags)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(flags) == 0 ? 0 : errno);
	if (pid < 0)
		return errno;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static void examine_namespaces(struct doctor *d, bool root)
{
	static const struct {
		int flag;
		const char *name, *option;
	} kinds[] = {
		{CLONE_NEWUSER, "user namespaces", "CONFIG_USER_NS"},
		{CLONE_NEWNET, "network namespaces", "CONFIG_NET_NS"},
		{CLONE_NEWPID, "PID namespaces", "CONFIG_PID_NS"},
		{CLONE_NEWNS, "mount namespaces", ""},
		{CLONE_NEWUTS, "UTS namespaces", "CONFIG_UTS_NS"},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int flags = kinds[i].flag | (root ? 0 : CLONE_NEWUSER), why;
		char remedy[160];

		if (root && kinds[i].flag == CLONE_NEWUSER)
			continue;
		why = try_unshare(flags);
		snprintf(remedy, sizeof(remedy), "%s%s%s", why == EINVAL ? "a kernel with " : "",
			 why == EINVAL ? kinds[i].option : "run as root, or see the settings below",
			 why == ENOSPC ? " (a limit is reached)" : "");
		if (why == 0)
			found(d, kinds[i].name, "");
		else
			lacks(d, kinds[i].name, strerror(why), EVERYTHING, remedy);
	}
}

/* Kernel settings that forbid namespaces. */
static void examine_settings(struct doctor *d, bool root)
{
	static const struct {
		const char *name;
		long forbids; /* this value */
		bool root_too;
		const char *wanted;
	} settings[] = {
		{"kernel.unprivileged_userns_clone", 0, false, "1"},
		{"kernel.apparmor_restrict_unprivileged_userns", 1, false, "0"},
		{"user.max_user_namespaces", 0, false, "10000"},
		{"user.max_net_namespaces", 0, true, "10000"},
		{"user.max_pid_namespaces", 0, true, "10000"},
		{"user.max_mnt_namespaces", 0, true, "10000"},
		{"user.max_uts_namespaces", 0, true, "10000"},
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		char path[128] = "/proc/sys/", value[32] = "", why[64], remedy[160];
		FILE *file;

		strncat(path, settings[i].name, sizeof(path) - strlen(path) - 1);
		for (char *c = path; *c; c++)
			*c = *c == '.' ? '/' : *c;
		file = fopen(path, "re");
		if (!file)
			continue;
		if (!fgets(value, sizeof(value), file))
			value[0] = '\0';
		fclose(file);
		if (!*value || strtol(value, NULL, 10) != settings[i].forbids || (root && !settings[i].root_too))
			continue;
		snprintf(why, sizeof(why), "it is %ld", settings[i].forbids);
		snprintf(remedy, sizeof(remedy), "as root: sysctl -w %s=%s", settings[i].name, settings[i].wanted);
		lacks(d, settings[i].name, why, EVERYTHING, remedy);
	}
}

/* ---- Trials in a cell ---- */

enum { TRIAL_WORKS, TRIAL_FAILS, TRIAL_NO_CELL };

struct trial {
	bool (*body)(struct cell *cell, const struct trial *trial, struct error *error);
	const struct scenario_settings *settings; /* for the scenario's trial */
	struct error *error; /* shared with the process in the cell */
};

static int in_cell(void *context)
{
	const struct trial *trial = context;
	struct cell_options options = {.hosts = NULL};
	struct cell *cell;
	bool ok;

	for (enum cell_interface i = 0; trial->settings && i < CELL_INTERFACES; i++)
		options.mtu[i] = (unsigned)trial->settings->path.mtu[i];
	cell = cell_new(&options, trial->error);
	if (!cell)
		return TRIAL_NO_CELL;
	ok = trial->body(cell, trial, trial->error);
	cell_free(cell);
	return ok ? TRIAL_WORKS : TRIAL_FAILS;
}

static bool try_in_cell(const struct trial *trial)
{
	siginfo_t end = {0};
	pid_t pid;
	int pidfd;

	trial->error->text[0] = '\0';
	if (!cell_fork(&pid, &pidfd, 0, in_cell, (void *)(uintptr_t)trial, trial->error))
		return false;
	while (waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED) != 0 && errno == EINTR)
		;
	close(pidfd);
	if (end.si_code == CLD_EXITED && end.si_status == TRIAL_WORKS)
		return true;
	if (!trial->error->text[0])
		error_set(trial->error, "the process in the cell ended early");
	return false;
}

static bool body_links(struct cell *cell, const struct trial *trial, struct error *error)
{
	(void)cell;
	(void)trial;
	(void)error;
	return true;
}

static bool body_packet_socket(struct cell *cell, const struct trial *trial, struct error *error)
{
	int fd;

	(void)trial;
	if (!cell_enter(cell, CELL_CLIENT, error))
		return false;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (fd < 0)
		return error_errno(error, "open a packet socket");
	close(fd);
	return true;
}

static bool body_ipv6(struct cell *cell, const struct trial *trial, struct error *error)
{
	(void)trial;
	return cell_has_ipv6(cell) || error_set(error, "this kernel has none, or has it switched off");
}

static bool body_nft(struct cell *cell, const struct trial *trial, struct error *error)
{
	(void)trial;
	return firewall_apply(cell, CELL_PATH,
			      "table ip trial {\nchain forward {\ntype filter hook forward priority filter\n"
			      "tcp dport 443 counter drop\n}\n}\n",
			      error);
}

static bool body_icmp(struct cell *cell, const struct trial *trial, struct error *error)
{
	(void)trial;
	return firewall_apply(cell, CELL_PATH,
			      "table ip trial {\nchain forward {\ntype filter hook forward priority filter\n"
			      "tcp dport 443 counter reject with icmp type admin-prohibited\n}\n}\n",
			      error);
}

static bool body_scenario(struct cell *cell, const struct trial *trial, struct error *error)
{
	for (enum cell_place place = 0; place < CELL_PLACES; place++) {
		if (!place_apply(cell, place, scenario_place(trial->settings, place), error))
			return false;
	}
	return true;
}

static bool needs_ipv6(const struct variant *variant, const void *unused)
{
	(void)unused;
	return strcmp(variant->choice.family, "ipv6") == 0;
}

static bool needs_nft(const struct variant *variant, const void *unused)
{
	(void)unused;
	return scenario_has_rules(&variant->settings);
}

static bool needs_icmp(const struct variant *variant, const void *unused)
{
	(void)unused;
	for (enum cell_place place = 0; place < CELL_PLACES; place++) {
		if (strstr(scenario_place(&variant->settings, place)->nft, "reject"))
			return true;
	}
	return false;
}

static bool of_scenario(const struct variant *variant, const void *scenario)
{
	return variant->scenario == scenario;
}

static bool needs_place(const struct scenario_settings *settings)
{
	for (enum cell_place place = 0; place < CELL_PLACES; place++) {
		const struct place *p = scenario_place(settings, place);

		if (*p->nft || p->routes.count || p->sysctl.count)
			return true;
	}
	return false;
}

/* Each scenario that changes something at a place, by its first case. What needs nft only says the same as the trial of
 * nft did, where that failed. */
static void examine_scenarios(struct doctor *d, bool nft_works, struct error *shared)
{
	const struct scenario *tried = NULL;
	size_t count = 0, failed = 0;
	char without[64], what[160];

	for (size_t i = 0; i < d->variants->count; i++) {
		const struct variant *v = &d->variants->items[i];
		const struct trial trial = {body_scenario, &v->settings, shared};

		if (v->scenario == tried || !needs_place(&v->settings) || (!nft_works && needs_nft(v, NULL)))
			continue;
		tried = v->scenario;
		count++;
		if (try_in_cell(&trial))
			continue;
		failed++;
		snprintf(what, sizeof(what), "what %s does to the network", tried->name);
		lacks(d, what, shared->text, cases(d, of_scenario, tried, without),
		      "a kernel with what the message names; modprobe, if it is a module that is not loaded");
	}
	snprintf(what, sizeof(what), "rules, routes and settings of %zu scenarios", count - failed);
	found(d, what, "");
}

static void examine_kernel(struct doctor *d, struct error *shared)
{
	static const struct {
		const char *name;
		bool (*body)(struct cell *, const struct trial *, struct error *);
		bool (*needs)(const struct variant *, const void *);
		const char *remedy;
	} rows[] = {
		{"packet sockets", body_packet_socket, every_case, "a kernel with CONFIG_PACKET; modprobe af_packet"},
		{"IPv6", body_ipv6, needs_ipv6, "boot without ipv6.disable=1; a kernel with CONFIG_IPV6"},
		{"nf_tables", body_nft, needs_nft,
		 "apt-get install nftables; a kernel with CONFIG_NF_TABLES; modprobe nf_tables"},
		{"ICMP errors by nf_tables", body_icmp, needs_icmp,
		 "a kernel with CONFIG_NFT_REJECT; modprobe nft_reject_ipv4"},
	};
	const struct trial links = {body_links, NULL, shared};
	bool nft_works = true;
	char without[64];

	if (!try_in_cell(&links)) {
		lacks(d, "cells (namespaces joined by veth pairs)", shared->text, EVERYTHING,
		      "what the message says; for veth: a kernel with CONFIG_VETH, modprobe veth");
		return;
	}
	found(d, "cells (namespaces joined by veth pairs)", "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct trial trial = {rows[i].body, NULL, shared};

		if (rows[i].body == body_icmp && !nft_works)
			continue;
		if (try_in_cell(&trial)) {
			found(d, rows[i].name, "");
			continue;
		}
		lacks(d, rows[i].name, shared->text, cases(d, rows[i].needs, NULL, without), rows[i].remedy);
		nft_works = nft_works && rows[i].body != body_nft;
	}
	examine_scenarios(d, nft_works, shared);
}

/* ---- Programs and room ---- */

static bool of_client(const struct variant *variant, const void *client)
{
	return variant->client == client;
}

static void examine_clients(struct doctor *d)
{
	const struct clients *clients = &d->variants->clients;
	char path[PATH_MAX], without[64], what[128], remedy[128];

	for (size_t i = 0; i < clients->count; i++) {
		const struct client *c = &clients->items[i];

		snprintf(what, sizeof(what), "%s, for the client %s", c->program, c->name);
		snprintf(remedy, sizeof(remedy), "apt-get install %s", *c->package ? c->package : c->program);
		if (process_find(c->program, path, sizeof(path))) {
			found(d, what, path);
		} else if (c->optional) {
			fprintf(d->out, "absent   %s\n", what);
			advise(d, "without it", cases(d, of_client, c, without));
			advise(d, "get it", remedy);
		} else {
			lacks(d, what, "no such program", cases(d, of_client, c, without), remedy);
		}
	}
}

static void examine_programs(struct doctor *d, const struct doctor_program *programs)
{
	for (; programs->name; programs++) {
		if (programs->path)
			found(d, programs->name, programs->path);
		else
			lacks(d, programs->name, "no such program", programs->needed_for, programs->remedy);
	}
}

static void examine_room(struct doctor *d)
{
	const char *folder = run_parent_folder();
	struct statvfs room;
	char what[PATH_MAX + 64], why[128] = "";

	snprintf(what, sizeof(what), "room for captures in %s", folder);
	if (access(folder, W_OK | X_OK) != 0 || statvfs(folder, &room) != 0)
		snprintf(why, sizeof(why), "%s", strerror(errno));
	else if (room.f_bavail * room.f_frsize < ((fsblkcnt_t)RUN_ROOM_MIB << 20))
		snprintf(why, sizeof(why), "less than %d MiB are free", RUN_ROOM_MIB);
	if (*why)
		lacks(d, what, why, EVERYTHING, "set TMPDIR to a folder with room");
	else
		found(d, what, "");
}

int doctor_examine(FILE *out, const struct variants *variants, const struct doctor_program *programs)
{
	struct doctor d = {.out = out, .variants = variants};
	bool root = geteuid() == 0;
	struct error *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED) {
		lacks(&d, "memory", strerror(errno), EVERYTHING, "");
		return d.missing;
	}
	fflush(out);
	found(&d, "permission",
	      root ? "root, no user namespace is needed" : "an ordinary user, inside user namespaces");
	examine_namespaces(&d, root);
	examine_settings(&d, root);
	examine_kernel(&d, shared);
	examine_programs(&d, programs);
	examine_clients(&d);
	examine_room(&d);
	munmap(shared, sizeof(*shared));
	return d.missing;
}
