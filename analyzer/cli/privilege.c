/* privilege.c: see privilege.h. */
#include "analyzer/cli/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534 /* the kernel's overflow user, in every distribution "nobody" */

/* The number that sudo(8) leaves in the environment. */
static bool number_of(const char *name, unsigned *number)
{
	const char *text = getenv(name);
	char *end;
	unsigned long value;

	if (!text || !*text)
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	*number = (unsigned)value;
	return !errno && !*end && value < UINT32_MAX;
}

static bool find_groups(struct identity *who)
{
	who->group_count = who->name ? 64 : 1;
	for (int tries = 0; tries < 2; tries++) {
		gid_t *list = reallocarray(who->groups, (size_t)who->group_count, sizeof(*list));

		if (!list)
			return false;
		who->groups = list;
		list[0] = who->gid;
		/* Without room for all of them it says how many there are. */
		if (!who->name || getgrouplist(who->name, who->gid, list, &who->group_count) >= 0)
			return true;
	}
	return false;
}

static bool remember(struct identity *who, const struct passwd *entry)
{
	if (entry) {
		who->name = strdup(entry->pw_name);
		who->home = strdup(entry->pw_dir);
		if (!who->name || !who->home)
			return false;
	}
	return find_groups(who);
}

bool privilege_find(const char *user, struct identity *who, char *error, size_t size)
{
	const struct passwd *entry;
	unsigned uid, gid;

	*who = (struct identity){0};
	if (geteuid() != 0)
		return true;
	if (user) {
		entry = getpwnam(user);
		if (!entry) {
			snprintf(error, size, "no such user");
			return false;
		}
		who->uid = entry->pw_uid;
		who->gid = entry->pw_gid;
	} else if (number_of("SUDO_UID", &uid) && number_of("SUDO_GID", &gid)) {
		entry = getpwuid(uid);
		who->uid = uid;
		who->gid = gid;
	} else {
		return true;
	}
	who->other = who->uid != 0;
	if (remember(who, entry))
		return true;
	snprintf(error, size, "%s", strerror(ENOMEM));
	return false;
}

void privilege_free(struct identity *who)
{
	free(who->name);
	free(who->home);
	free(who->groups);
	*who = (struct identity){0};
}

bool privilege_drop(const struct identity *who, char *error, size_t size)
{
	if (!who->other)
		return true;
	if (setgroups((size_t)who->group_count, who->groups) != 0 || setresgid(who->gid, who->gid, who->gid) != 0 ||
	    setresuid(who->uid, who->uid, who->uid) != 0) {
		snprintf(error, size, "cannot become user %u: %s", who->uid, strerror(errno));
		return false;
	}
	if (setuid(0) == 0) {
		snprintf(error, size, "root could not be given up");
		return false;
	}
	return true;
}

bool privilege_environment(const struct identity *who)
{
	if (!who->other || !who->name)
		return true;
	return setenv("HOME", who->home, 1) == 0 && setenv("USER", who->name, 1) == 0 &&
	       setenv("LOGNAME", who->name, 1) == 0;
}

static bool drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	return syscall(SYS_capset, &header, none) == 0;
}

bool privilege_shed(void)
{
	/* In a user namespace "nobody" may not exist; there root without capabilities has to do. */
	if (geteuid() == 0 && setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	    setresuid(NOBODY, NOBODY, NOBODY) != 0)
		errno = 0;
	return drop_capabilities() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}
