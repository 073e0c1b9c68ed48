/* Benchmarks on libnanomsg where one socket talks to many. Modes: pubsub, survey. */
#include "many.h"

#include <nanomsg/nn.h>
#include <nanomsg/pubsub.h>
#include <nanomsg/survey.h>

/* Messages of one socket before the others get their turn. */
#define PORTION 64

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
send_one(uint8_t kind)
{
	void *msg        = nn_allocmsg(size, 0);
	*(uint8_t *) msg = kind;
	check("send", nn_send(sock, &msg, NN_MSG, 0));
}

/* Takes up to PORTION messages that are there. */
static void
take(long number, int one, int subscribing)
{
	for (int i = 0; i < PORTION; i++) {
		void *msg;
		int   length = nn_recv(one, &msg, NN_MSG, NN_DONTWAIT);
		if (length < 0 && nn_errno() == EAGAIN) {
			return;
		}
		check("receive", length);
		if (subscribing) {
			deliver(number, msg, (size_t) length);
			nn_freemsg(msg);
		} else {
			check("answer", nn_send(one, &msg, NN_MSG, 0));
		}
	}
}

static void
run_peers(int subscribing)
{
	struct nn_pollfd *all    = calloc((size_t) peers, sizeof *all);
	int               buffer = 4 * 1024 * 1024;
	for (long i = 0; i < peers; i++) {
		int one = check("open", nn_socket(AF_SP, subscribing ? NN_SUB : NN_RESPONDENT));
		if (subscribing) {
			check("buffer", nn_setsockopt(one, NN_SOL_SOCKET, NN_RCVBUF, &buffer, sizeof buffer));
			check("subscribe", nn_setsockopt(one, NN_SUB, NN_SUB_SUBSCRIBE, "", 0));
		}
		check("dial", nn_connect(one, url));
		all[i].fd     = one;
		all[i].events = NN_POLLIN;
	}
	for (;;) {
		check("poll", nn_poll(all, (int) peers, -1));
		for (long i = 0; i < peers; i++) {
			if (all[i].revents & NN_POLLIN) {
				take(i, all[i].fd, subscribing);
			}
		}
	}
}

/* Asks and takes answers. All of them but in the warm-up, before everybody has connected. */
static long
survey(void)
{
	long answers = 0;
	send_one(DATA);
	for (; answers < peers; answers++) {
		void *msg;
		int   length = nn_recv(sock, &msg, NN_MSG, 0);
		if (length < 0 && (nn_errno() == ETIMEDOUT || nn_errno() == EFSM)) {
			break;
		}
		touched += (uint64_t) check("receive", length);
		nn_freemsg(msg);
	}
	return answers;
}

static void
exchange(void)
{
	if (survey() < peers) {
		fail("survey", "some did not answer");
	}
}

int
main(int argc, char **argv)
{
	start(argc, argv, VERSION);
	int server = strcmp(role, "server") == 0;
	int pubsub = strcmp(mode, "pubsub") == 0;
	int buffer = 4 * 1024 * 1024, time = 100;

	state = calloc((size_t) peers, 1);
	if (!server) {
		run_peers(pubsub);
	}
	sock = check("open", nn_socket(AF_SP, pubsub ? NN_PUB : NN_SURVEYOR));
	check("buffer", nn_setsockopt(sock, NN_SOL_SOCKET, NN_SNDBUF, &buffer, sizeof buffer));
	check("listen", nn_bind(sock, url));
	say("listening %s\n", url);
	if (pubsub) {
		publish_all(send_one);
	}
	check("time", nn_setsockopt(sock, NN_SURVEYOR, NN_SURVEYOR_DEADLINE, &time, sizeof time));
	while (survey() < peers) {
	}
	time = 5000;
	check("time", nn_setsockopt(sock, NN_SURVEYOR, NN_SURVEYOR_DEADLINE, &time, sizeof time));
	measure_latency(exchange);
	sleep_until_end();
}
