/* Benchmarks on libnanomsg, without copies where the library allows. Modes: pair, reqrep. */
#include "bench.h"

#include <nanomsg/nn.h>
#include <nanomsg/pair.h>
#include <nanomsg/reqrep.h>

#define VERSION "ABI " TEXT(NN_VERSION_CURRENT) "." TEXT(NN_VERSION_REVISION) "." TEXT(NN_VERSION_AGE)

static int sock;

static int
check(const char *what, int rv)
{
	if (rv < 0) {
		fail(what, nn_strerror(nn_errno()));
	}
	return rv;
}

static void
send_one(void)
{
	void *msg = nn_allocmsg(size, 0);
	if (size > 0) {
		*(uint8_t *) msg = 1;
	}
	check("send", nn_send(sock, &msg, NN_MSG, 0));
}

static void
exchange(void)
{
	void *msg;
	send_one();
	touched += (uint64_t) check("receive", nn_recv(sock, &msg, NN_MSG, 0));
	nn_freemsg(msg);
}

int
main(int argc, char **argv)
{
	start(argc, argv, VERSION);
	int server    = strcmp(role, "server") == 0;
	int pair      = strcmp(mode, "pair") == 0;
	int type      = pair ? NN_PAIR : (server ? NN_REP : NN_REQ);
	int unlimited = -1, buffer = 4 * 1024 * 1024;

	sock = check("open", nn_socket(AF_SP, type));
	check("limit", nn_setsockopt(sock, NN_SOL_SOCKET, NN_RCVMAXSIZE, &unlimited, sizeof unlimited));
	if (pair) {
		check("buffer", nn_setsockopt(sock, NN_SOL_SOCKET, NN_SNDBUF, &buffer, sizeof buffer));
		check("buffer", nn_setsockopt(sock, NN_SOL_SOCKET, NN_RCVBUF, &buffer, sizeof buffer));
	}
	if (server) {
		check("listen", nn_bind(sock, url));
		say("listening %s\n", url);
	} else {
		check("dial", nn_connect(sock, url));
	}
	if (pair && server) {
		for (;;) {
			void *msg;
			int   length = check("receive", nn_recv(sock, &msg, NN_MSG, 0));
			arrived(msg, (size_t) length);
			nn_freemsg(msg);
		}
	} else if (pair) {
		for (long i = 0; i < warm_up + count; i++) {
			send_one();
		}
	} else if (server) {
		for (;;) {
			void *msg;
			check("receive", nn_recv(sock, &msg, NN_MSG, 0));
			check("send", nn_send(sock, &msg, NN_MSG, 0));
		}
	} else {
		measure_latency(exchange);
	}
	sleep_until_end();
}
