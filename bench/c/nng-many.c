/* Benchmarks on libnng where one socket talks to many. Modes: pubsub, survey. */
#include "many.h"

#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <nng/protocol/survey0/respond.h>
#include <nng/protocol/survey0/survey.h>

static nng_socket sock;

static void
check(const char *what, int rv)
{
	if (rv != 0) {
		fail(what, nng_strerror(rv));
	}
}

static void
send_one(uint8_t kind)
{
	nng_msg *msg;
	check("allocate", nng_msg_alloc(&msg, size));
	*(uint8_t *) nng_msg_body(msg) = kind;
	check("send", nng_sendmsg(sock, msg, 0));
}

/* One of many sockets, which receives and, if it is a respondent, answers, for ever. */
struct peer {
	long       number;
	nng_socket sock;
	nng_aio   *aio;
	int        receiving;
};

static void
on_published(void *arg)
{
	struct peer *one = arg;
	nng_msg     *msg;
	check("receive", nng_aio_result(one->aio));
	msg = nng_aio_get_msg(one->aio);
	deliver(one->number, nng_msg_body(msg), nng_msg_len(msg));
	nng_msg_free(msg);
	nng_recv_aio(one->sock, one->aio);
}

static void
on_survey_step(void *arg)
{
	struct peer *one = arg;
	check("survey", nng_aio_result(one->aio));
	one->receiving = !one->receiving;
	if (one->receiving) {
		nng_recv_aio(one->sock, one->aio);
	} else {
		/* The received message is still set and becomes the answer. */
		nng_send_aio(one->sock, one->aio);
	}
}

static void
run_peers(int subscribing)
{
	struct peer *all = calloc((size_t) peers, sizeof *all);
	for (long i = 0; i < peers; i++) {
		struct peer *one = &all[i];
		one->number      = i;
		one->receiving   = 1;
		check("open", subscribing ? nng_sub0_open(&one->sock) : nng_respondent0_open(&one->sock));
		check("limit", nng_socket_set_size(one->sock, NNG_OPT_RECVMAXSZ, 0));
		if (subscribing) {
			check("buffer", nng_socket_set_int(one->sock, NNG_OPT_RECVBUF, 8192));
			check("subscribe", nng_socket_set(one->sock, NNG_OPT_SUB_SUBSCRIBE, "", 0));
		}
		check("aio", nng_aio_alloc(&one->aio, subscribing ? on_published : on_survey_step, one));
		nng_recv_aio(one->sock, one->aio);
		check("dial", nng_dial(one->sock, url, NULL, 0));
	}
	sleep_until_end();
}

/* Asks and takes answers. All of them but in the warm-up, before everybody has connected. */
static long
survey(void)
{
	long answers = 0;
	send_one(DATA);
	for (; answers < peers; answers++) {
		nng_msg *msg;
		int      rv = nng_recvmsg(sock, &msg, 0);
		if (rv == NNG_ETIMEDOUT) {
			break;
		}
		check("receive", rv);
		touched += nng_msg_len(msg);
		nng_msg_free(msg);
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
	start(argc, argv, nng_version());
	int          server = strcmp(role, "server") == 0;
	int          pubsub = strcmp(mode, "pubsub") == 0;
	nng_listener listener;
	char        *real;

	state = calloc((size_t) peers, 1);
	if (!server) {
		run_peers(pubsub);
	}
	check("open", pubsub ? nng_pub0_open(&sock) : nng_surveyor0_open(&sock));
	if (pubsub) {
		check("buffer", nng_socket_set_int(sock, NNG_OPT_SENDBUF, 8192));
	}
	check("listen", nng_listen(sock, url, &listener, 0));
	check("url", nng_listener_get_string(listener, NNG_OPT_URL, &real));
	say("listening %s\n", real);
	if (pubsub) {
		publish_all(send_one);
	}
	check("time", nng_socket_set_ms(sock, NNG_OPT_SURVEYOR_SURVEYTIME, 100));
	while (survey() < peers) {
	}
	check("time", nng_socket_set_ms(sock, NNG_OPT_SURVEYOR_SURVEYTIME, 5000));
	measure_latency(exchange);
	sleep_until_end();
}
