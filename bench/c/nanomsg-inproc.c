/* Benchmarks on libnanomsg inside one process, in two threads. Modes: throughput, latency. */
#include "bench.h"

#include <nanomsg/nn.h>
#include <nanomsg/pair.h>

#define VERSION "ABI " TEXT(NN_VERSION_CURRENT) "." TEXT(NN_VERSION_REVISION) "." TEXT(NN_VERSION_AGE)

static int left, right;

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
	check("send", nn_send(left, &msg, NN_MSG, 0));
}

static void *
take_all(void *unused)
{
	(void) unused;
	for (;;) {
		void *msg;
		int   length = check("receive", nn_recv(right, &msg, NN_MSG, 0));
		arrived(msg, (size_t) length);
		nn_freemsg(msg);
	}
}

static void *
echo(void *unused)
{
	(void) unused;
	for (;;) {
		void *msg;
		check("receive", nn_recv(right, &msg, NN_MSG, 0));
		check("send", nn_send(right, &msg, NN_MSG, 0));
	}
}

static void
exchange(void)
{
	void *msg;
	send_one();
	touched += (uint64_t) check("receive", nn_recv(left, &msg, NN_MSG, 0));
	nn_freemsg(msg);
}

int
main(int argc, char **argv)
{
	int       buffer = 4 * 1024 * 1024;
	pthread_t thread;
	start(argc, argv, VERSION);
	int latency = strcmp(mode, "latency") == 0;
	left        = check("open", nn_socket(AF_SP, NN_PAIR));
	right       = check("open", nn_socket(AF_SP, NN_PAIR));
	check("buffer", nn_setsockopt(right, NN_SOL_SOCKET, NN_RCVBUF, &buffer, sizeof buffer));
	check("listen", nn_bind(left, "inproc://bench"));
	check("dial", nn_connect(right, "inproc://bench"));
	say("listening inproc://bench\n");
	pthread_create(&thread, NULL, latency ? echo : take_all, NULL);
	if (latency) {
		measure_latency(exchange);
	} else {
		for (long i = 0; i < warm_up + count; i++) {
			send_one();
		}
	}
	sleep_until_end();
}
