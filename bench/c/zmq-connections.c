/* Many connections of one PUSH to one PULL on libzmq (a DEALER connects but once to an address): as `src/workers/connections.ts`, without the requests. */
#include "bench.h"

#include <zmq.h>

#define VERSION TEXT(ZMQ_VERSION_MAJOR) "." TEXT(ZMQ_VERSION_MINOR) "." TEXT(ZMQ_VERSION_PATCH)

static int
check(const char *what, int rv)
{
	if (rv < 0) {
		fail(what, zmq_strerror(zmq_errno()));
	}
	return rv;
}

int
main(int argc, char **argv)
{
	void *context = zmq_ctx_new();
	start(argc, argv, VERSION);
	int   server = strcmp(role, "server") == 0;
	void *sock   = zmq_socket(context, server ? ZMQ_PULL : ZMQ_PUSH);
	void *events = zmq_socket(context, ZMQ_PAIR);
	check("monitor", zmq_socket_monitor(sock, "inproc://events", ZMQ_EVENT_HANDSHAKE_SUCCEEDED));
	check("events", zmq_connect(events, "inproc://events"));
	report_memory();
	if (server) {
		char   real[256];
		size_t length = sizeof real;
		check("listen", zmq_bind(sock, url));
		check("url", zmq_getsockopt(sock, ZMQ_LAST_ENDPOINT, real, &length));
		say("listening %s\n", real);
	} else {
		wait_for_go(1);
		for (long i = 0; i < peers; i++) {
			check("dial", zmq_connect(sock, url));
		}
	}
	for (long i = 0; i < peers; i++) {
		/* Two parts: what happened, and where. */
		for (int part = 0; part < 2; part++) {
			zmq_msg_t msg;
			zmq_msg_init(&msg);
			check("event", zmq_msg_recv(&msg, events, 0));
			zmq_msg_close(&msg);
		}
	}
	if (server) {
		say("all\n");
	}
	report_memory();
	sleep_until_end();
}
