/* Benchmarks on libzmq inside one process, in two threads. Modes: throughput, latency. */
#include "bench.h"

#include <zmq.h>

#define VERSION TEXT(ZMQ_VERSION_MAJOR) "." TEXT(ZMQ_VERSION_MINOR) "." TEXT(ZMQ_VERSION_PATCH)

static void *left, *right;

static int
check(const char *what, int rv)
{
	if (rv < 0) {
		fail(what, zmq_strerror(zmq_errno()));
	}
	return rv;
}

static void
send_one(void)
{
	zmq_msg_t msg;
	check("allocate", zmq_msg_init_size(&msg, size));
	if (size > 0) {
		*(uint8_t *) zmq_msg_data(&msg) = 1;
	}
	check("send", zmq_msg_send(&msg, left, 0));
}

static void *
take_all(void *unused)
{
	(void) unused;
	for (;;) {
		zmq_msg_t msg;
		zmq_msg_init(&msg);
		check("receive", zmq_msg_recv(&msg, right, 0));
		arrived(zmq_msg_data(&msg), zmq_msg_size(&msg));
		zmq_msg_close(&msg);
	}
}

static void *
echo(void *unused)
{
	(void) unused;
	for (;;) {
		zmq_msg_t msg;
		zmq_msg_init(&msg);
		check("receive", zmq_msg_recv(&msg, right, 0));
		check("send", zmq_msg_send(&msg, right, 0));
	}
}

static void
exchange(void)
{
	zmq_msg_t msg;
	send_one();
	zmq_msg_init(&msg);
	check("receive", zmq_msg_recv(&msg, left, 0));
	touched += zmq_msg_size(&msg);
	zmq_msg_close(&msg);
}

int
main(int argc, char **argv)
{
	pthread_t thread;
	void     *context = zmq_ctx_new();
	start(argc, argv, VERSION);
	int latency = strcmp(mode, "latency") == 0;
	left        = zmq_socket(context, ZMQ_PAIR);
	right       = zmq_socket(context, ZMQ_PAIR);
	check("listen", zmq_bind(left, "inproc://bench"));
	check("dial", zmq_connect(right, "inproc://bench"));
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
