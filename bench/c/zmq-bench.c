/* Benchmarks on libzmq. Modes: pair, push (PUSH to PULL), reqrep, reqrep-parallel (DEALER to ROUTER, 64 requests in the air). */
#include "bench.h"

#include <zmq.h>

#define IN_FLIGHT 64

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
send_one(void)
{
	zmq_msg_t msg;
	check("allocate", zmq_msg_init_size(&msg, size));
	if (size > 0) {
		*(uint8_t *) zmq_msg_data(&msg) = 1;
	}
	check("send", zmq_msg_send(&msg, sock, 0));
}

static void
receive_one(zmq_msg_t *msg)
{
	zmq_msg_init(msg);
	check("receive", zmq_msg_recv(msg, sock, 0));
}

static void
exchange(void)
{
	zmq_msg_t msg;
	send_one();
	receive_one(&msg);
	touched += zmq_msg_size(&msg);
	zmq_msg_close(&msg);
}

/* Gives every part back as it came: for ROUTER the address and the body. */
static void
echo(void)
{
	for (;;) {
		zmq_msg_t msg;
		receive_one(&msg);
		check("send", zmq_msg_send(&msg, sock, zmq_msg_more(&msg) ? ZMQ_SNDMORE : 0));
	}
}

static void
take_one(void)
{
	zmq_msg_t msg;
	receive_one(&msg);
	arrived(zmq_msg_data(&msg), zmq_msg_size(&msg));
	zmq_msg_close(&msg);
}

int
main(int argc, char **argv)
{
	start(argc, argv, VERSION);
	int server   = strcmp(role, "server") == 0;
	int push     = strcmp(mode, "push") == 0;
	int pair     = push || strcmp(mode, "pair") == 0;
	int parallel = strcmp(mode, "reqrep-parallel") == 0;
	int type     = push ? (server ? ZMQ_PULL : ZMQ_PUSH)
	        : pair      ? ZMQ_PAIR
	        : parallel  ? (server ? ZMQ_ROUTER : ZMQ_DEALER)
	                    : (server ? ZMQ_REP : ZMQ_REQ);

	sock = zmq_socket(zmq_ctx_new(), type);
	if (server) {
		char   real[256];
		size_t length = sizeof real;
		check("listen", zmq_bind(sock, url));
		check("url", zmq_getsockopt(sock, ZMQ_LAST_ENDPOINT, real, &length));
		say("listening %s\n", real);
	} else {
		check("dial", zmq_connect(sock, url));
	}
	if (pair && server) {
		for (;;) {
			take_one();
		}
	} else if (pair) {
		for (long i = 0; i < warm_up + count; i++) {
			send_one();
		}
	} else if (server) {
		echo();
	} else if (parallel) {
		for (long i = 0; i < warm_up + count + IN_FLIGHT; i++) {
			if (i < warm_up + count) {
				send_one();
			}
			if (i >= IN_FLIGHT) {
				take_one();
			}
		}
	} else {
		measure_latency(exchange);
	}
	sleep_until_end();
}
