/* service.c: see service.h. */
#include "harness/service.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "servers/server.h"

struct service {
	const struct cell *cell;
	const char *folder;
	struct stock *stock;
	int control;
	pthread_t thread;
};

/* As the server itself would say it. */
static void say(int control, const char *message)
{
	json_t *event = json_pack("{ssss}", "event", "error", "message", message);

	if (json_dumpfd(event, control, JSON_COMPACT) == 0)
		(void)!write(control, "\n", 1);
	json_decref(event);
}

static void *serve(void *context)
{
	struct service *service = context;
	struct error error = {""};

	cell_come_first(CELL_RANK_SERVER);
	if (!cell_enter(service->cell, CELL_SERVER, &error))
		say(service->control, error.text);
	else if (unshare(CLONE_FS) < 0 || chdir(service->folder) < 0)
		say(service->control, strerror(errno));
	else
		server_run(service->control, service->stock);
	close(service->control);
	return NULL;
}

struct service *service_start(const struct cell *cell, const char *folder, struct stock *stock, int control,
			      struct error *error)
{
	struct service *service = malloc(sizeof(*service));
	int code = ENOMEM;

	if (service) {
		*service = (struct service){.cell = cell, .folder = folder, .stock = stock, .control = control};
		code = pthread_create(&service->thread, NULL, serve, service);
	}
	if (code == 0)
		return service;
	errno = code;
	error_errno(error, "start the server");
	close(control);
	free(service);
	return NULL;
}

void service_free(struct service *service)
{
	if (!service)
		return;
	pthread_join(service->thread, NULL);
	free(service);
}
