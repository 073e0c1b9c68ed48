/* Many connections of one REQ to one REP on libnng: as `src/workers/connections.ts`, without the requests. */
#include "bench.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

static long open_pipes;

static void
check(const char *what, int rv)
{
	if (rv != 0) {
		fail(what, nng_strerror(rv));
	}
}

static void
on_pipe(nng_pipe pipe, nng_pipe_ev event, void *unused)
{
	(void) pipe;
	(void) event;
	(void) unused;
	__atomic_fetch_add(&open_pipes, 1, __ATOMIC_RELEASE);
}

static void
wait_for_pipes(void)
{
	while (__atomic_load_n(&open_pipes, __ATOMIC_ACQUIRE) < peers) {
		usleep(200);
	}
}

int
main(int argc, char **argv)
{
	nng_socket sock;
	start(argc, argv, nng_version());
	int server = strcmp(role, "server") == 0;
	check("open", server ? nng_rep0_open(&sock) : nng_req0_open(&sock));
	check("notify", nng_pipe_notify(sock, NNG_PIPE_EV_ADD_POST, on_pipe, NULL));
	report_memory();
	if (server) {
		nng_listener listener;
		char        *real;
		check("listen", nng_listen(sock, url, &listener, 0));
		check("url", nng_listener_get_string(listener, NNG_OPT_URL, &real));
		say("listening %s\n", real);
	} else {
		wait_for_go(1);
		for (long i = 0; i < peers; i++) {
			check("dial", nng_dial(sock, url, NULL, NNG_FLAG_NONBLOCK));
			/* As many at a time as the others have. */
			while (i - __atomic_load_n(&open_pipes, __ATOMIC_ACQUIRE) >= 50) {
				usleep(20);
			}
		}
	}
	wait_for_pipes();
	if (server) {
		say("all\n");
	}
	report_memory();
	sleep_until_end();
}
