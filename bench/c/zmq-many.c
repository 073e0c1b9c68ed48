/* Benchmarks on libzmq where one socket talks to many. Mode: pubsub. */
#include "many.h"

#include <errno.h>
#include <zmq.h>

/* Messages of one socket before the others get their turn. */
#define PORTION 64

#define VERSION TEXT(ZMQ_VERSION_MAJOR) "." TEXT(ZMQ_VERSION_MINOR) "." TEXT(ZMQ_VERSION_PATCH)

static void *sock;

static int
check(const char *what, int rv)
{
	if (rv < 0) {
		fail(what, zmq_strerror(zmq_errno()));
	}
	return rv;
}

static void
send_one(uint8_t kind)
{
	zmq_msg_t msg;
	check("allocate", zmq_msg_init_size(&msg, size));
	*(uint8_t *) zmq_msg_data(&msg) = kind;
	check("send", zmq_msg_send(&msg, sock, 0));
}

/* Takes up to PORTION messages that are there. */
static void
take(long number, void *one)
{
	zmq_msg_t msg;
	for (int i = 0; i < PORTION; i++) {
		zmq_msg_init(&msg);
		if (zmq_msg_recv(&msg, one, ZMQ_DONTWAIT) < 0) {
			if (zmq_errno() != EAGAIN) {
				fail("receive", zmq_strerror(zmq_errno()));
			}
			return;
		}
		deliver(number, zmq_msg_data(&msg), zmq_msg_size(&msg));
		zmq_msg_close(&msg);
	}
}

static void
run_peers(void *context)
{
	zmq_pollitem_t *all = calloc((size_t) peers, sizeof *all);
	for (long i = 0; i < peers; i++) {
		void *one = zmq_socket(context, ZMQ_SUB);
		check("subscribe", zmq_setsockopt(one, ZMQ_SUBSCRIBE, "", 0));
		check("dial", zmq_connect(one, url));
		all[i].socket = one;
		all[i].events = ZMQ_POLLIN;
	}
	for (;;) {
		check("poll", zmq_poll(all, (int) peers, -1));
		for (long i = 0; i < peers; i++) {
			if (all[i].revents & ZMQ_POLLIN) {
				take(i, all[i].socket);
			}
		}
	}
}

int
main(int argc, char **argv)
{
	start(argc, argv, VERSION);
	void  *context = zmq_ctx_new();
	char   real[256];
	size_t length = sizeof real;

	state = calloc((size_t) peers, 1);
	if (strcmp(role, "server") != 0) {
		run_peers(context);
	}
	sock = zmq_socket(context, ZMQ_PUB);
	check("listen", zmq_bind(sock, url));
	check("url", zmq_getsockopt(sock, ZMQ_LAST_ENDPOINT, real, &length));
	say("listening %s\n", real);
	publish_all(send_one);
}
