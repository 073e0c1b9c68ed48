/*
 * Benchmarks on libnng. Modes: pair-sync (one thread, blocking calls), pair-aio (many operations at once),
 * reqrep (one round trip after the other), reqrep-parallel (64 contexts).
 */
#include "bench.h"

#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

/* Operations in the air at once. More bring nothing: with a queue on both sides the threads contend. */
#define PAIR_AIOS 8
#define CONTEXTS 64

static nng_socket sock;
static long       sent;

static void
check(const char *what, int rv)
{
	if (rv != 0) {
		fail(what, nng_strerror(rv));
	}
}

static nng_msg *
new_message(void)
{
	nng_msg *msg;
	check("allocate", nng_msg_alloc(&msg, size));
	if (size > 0) {
		*(uint8_t *) nng_msg_body(msg) = 1;
	}
	return msg;
}

static void
take(nng_msg *msg)
{
	arrived(nng_msg_body(msg), nng_msg_len(msg));
	nng_msg_free(msg);
}

static void
on_sent(void *arg)
{
	nng_aio *aio = *(nng_aio **) arg;
	check("send", nng_aio_result(aio));
	if (__atomic_fetch_add(&sent, 1, __ATOMIC_RELAXED) < warm_up + count) {
		nng_aio_set_msg(aio, new_message());
		nng_send_aio(sock, aio);
	}
}

static void
on_received(void *arg)
{
	nng_aio *aio = *(nng_aio **) arg;
	check("receive", nng_aio_result(aio));
	take(nng_aio_get_msg(aio));
	nng_recv_aio(sock, aio);
}

static void
run_pair(int sending, int asynchronous)
{
	static nng_aio *aios[PAIR_AIOS];
	if (!asynchronous) {
		for (long i = 0; i < warm_up + count; i++) {
			nng_msg *msg;
			if (sending) {
				check("send", nng_sendmsg(sock, new_message(), 0));
			} else {
				check("receive", nng_recvmsg(sock, &msg, 0));
				take(msg);
			}
		}
		sleep_until_end();
	}
	for (int i = 0; i < PAIR_AIOS; i++) {
		check("aio", nng_aio_alloc(&aios[i], sending ? on_sent : on_received, &aios[i]));
	}
	for (int i = 0; i < PAIR_AIOS; i++) {
		if (!sending) {
			nng_recv_aio(sock, aios[i]);
		} else if (__atomic_fetch_add(&sent, 1, __ATOMIC_RELAXED) < warm_up + count) {
			nng_aio_set_msg(aios[i], new_message());
			nng_send_aio(sock, aios[i]);
		}
	}
	sleep_until_end();
}

static void
exchange(void)
{
	nng_msg *msg;
	check("send", nng_sendmsg(sock, new_message(), 0));
	check("receive", nng_recvmsg(sock, &msg, 0));
	touched += nng_msg_len(msg);
	nng_msg_free(msg);
}

static void
reply(void)
{
	for (;;) {
		nng_msg *msg;
		check("receive", nng_recvmsg(sock, &msg, 0));
		check("send", nng_sendmsg(sock, msg, 0));
	}
}

/* One conversation: a context that sends and receives in turn, for ever. */
struct conversation {
	nng_ctx  context;
	nng_aio *aio;
	int      receiving;
};

static struct conversation conversations[CONTEXTS];

static void
ask(struct conversation *one)
{
	if (__atomic_fetch_add(&sent, 1, __ATOMIC_RELAXED) < warm_up + count) {
		one->receiving = 0;
		nng_aio_set_msg(one->aio, new_message());
		nng_ctx_send(one->context, one->aio);
	}
}

static void
on_request_step(void *arg)
{
	struct conversation *one = arg;
	check("request", nng_aio_result(one->aio));
	if (one->receiving) {
		take(nng_aio_get_msg(one->aio));
		ask(one);
	} else {
		one->receiving = 1;
		nng_ctx_recv(one->context, one->aio);
	}
}

static void
on_reply_step(void *arg)
{
	struct conversation *one = arg;
	check("reply", nng_aio_result(one->aio));
	if (one->receiving) {
		one->receiving = 0;
		/* The received message is still set and becomes the reply. */
		nng_ctx_send(one->context, one->aio);
	} else {
		one->receiving = 1;
		nng_ctx_recv(one->context, one->aio);
	}
}

static void
run_conversations(int requesting)
{
	for (int i = 0; i < CONTEXTS; i++) {
		struct conversation *one = &conversations[i];
		check("context", nng_ctx_open(&one->context, sock));
		check("aio", nng_aio_alloc(&one->aio, requesting ? on_request_step : on_reply_step, one));
	}
	for (int i = 0; i < CONTEXTS; i++) {
		struct conversation *one = &conversations[i];
		if (requesting) {
			ask(one);
		} else {
			one->receiving = 1;
			nng_ctx_recv(one->context, one->aio);
		}
	}
	sleep_until_end();
}

int
main(int argc, char **argv)
{
	start(argc, argv);
	int server = strcmp(role, "server") == 0;
	int pair   = strncmp(mode, "pair", 4) == 0;

	check("open", pair ? nng_pair0_open(&sock) : server ? nng_rep0_open(&sock) : nng_req0_open(&sock));
	check("limit", nng_socket_set_size(sock, NNG_OPT_RECVMAXSZ, 0));
	if (pair) {
		check("buffer", nng_socket_set_int(sock, NNG_OPT_SENDBUF, 8192));
		check("buffer", nng_socket_set_int(sock, NNG_OPT_RECVBUF, 8192));
	}
	if (server) {
		nng_listener listener;
		char        *real;
		check("listen", nng_listen(sock, url, &listener, 0));
		check("url", nng_listener_get_string(listener, NNG_OPT_URL, &real));
		say("listening %s\n", real);
	} else {
		check("dial", nng_dial(sock, url, NULL, 0));
	}
	if (pair) {
		run_pair(!server, strcmp(mode, "pair-aio") == 0);
	} else if (strcmp(mode, "reqrep-parallel") == 0) {
		run_conversations(!server);
	} else if (server) {
		reply();
	} else {
		measure_latency(exchange);
		sleep_until_end();
	}
}
