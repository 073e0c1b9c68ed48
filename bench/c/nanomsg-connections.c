/* Many connections of one REQ to one REP on libnanomsg: as `src/workers/connections.ts`, without the requests. */
#include "bench.h"

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>

#define VERSION "ABI " TEXT(NN_VERSION_CURRENT) "." TEXT(NN_VERSION_REVISION) "." TEXT(NN_VERSION_AGE)

static int
check(const char *what, int rv)
{
	if (rv < 0) {
		fail(what, nn_strerror(nn_errno()));
	}
	return rv;
}

int
main(int argc, char **argv)
{
	start(argc, argv, VERSION);
	int server = strcmp(role, "server") == 0;
	int sock   = check("open", nn_socket(AF_SP, server ? NN_REP : NN_REQ));
	report_memory();
	if (server) {
		check("listen", nn_bind(sock, url));
		say("listening %s\n", url);
	} else {
		wait_for_go(1);
		for (long i = 0; i < peers; i++) {
			check("dial", nn_connect(sock, url));
			/* As many at a time as the others have. */
			while (i - (long) nn_get_statistic(sock, NN_STAT_CURRENT_CONNECTIONS) >= 50) {
				usleep(20);
			}
		}
	}
	while ((long) nn_get_statistic(sock, NN_STAT_CURRENT_CONNECTIONS) < peers) {
		usleep(200);
	}
	if (server) {
		say("all\n");
	}
	report_memory();
	sleep_until_end();
}
