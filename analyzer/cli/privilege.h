/* privilege.h: who the program is once its captures and files are open.
 *
 * Root, or a file capability, is needed for one thing: to open an interface. tcpdump's order is kept: the capture is
 * opened first, then root is given up for good, and only then is a packet parsed or a command run.
 *
 *     privilege_find()   whom to become: the -Z user, else who called sudo, else nobody else
 *     privilege_drop()   become that user: the client's command runs as this one, and files are made by this one
 *     privilege_shed()   what parses packets gives up the rest too: root that is left, and every capability
 */
#ifndef CLI_PRIVILEGE_H
#define CLI_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct identity {
	bool other; /* there is somebody to become; the fields below are set */
	uid_t uid;
	gid_t gid;
	char *name, *home; /* NULL when the user has no entry in passwd(5) */
	gid_t *groups; /* all that the user is in: looked up here, for that may ask a server */
	int group_count;
};

/* `user` is -Z's, NULL: none. Without root there is nothing to give up. False, with a sentence in error, for a user
 * that does not exist. */
bool privilege_find(const char *user, struct identity *who, char *error, size_t size);
void privilege_free(struct identity *who);

/* Becomes that user, with the groups it has and no others. False, with a sentence in error, when root is not wholly
 * gone. */
bool privilege_drop(const struct identity *who, char *error, size_t size);

/* HOME, USER and LOGNAME of that user, as its login would set them: sudo sets root's. */
bool privilege_environment(const struct identity *who);

/* Gives up every capability and, where it can, root itself (for "nobody"); children cannot gain any again. False when
 * capabilities are left. */
bool privilege_shed(void);

#endif
