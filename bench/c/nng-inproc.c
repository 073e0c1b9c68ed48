/* Benchmarks on libnng inside one process. Modes: throughput (many operations at once), latency (two threads). */
#include "bench.h"

#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>

#define AIOS 8

static nng_socket left, right;
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
on_sent(void *arg)
{
	nng_aio *aio = *(nng_aio **) arg;
	check("send", nng_aio_result(aio));
	if (__atomic_fetch_add(&sent, 1, __ATOMIC_RELAXED) < warm_up + count) {
		nng_aio_set_msg(aio, new_message());
		nng_send_aio(left, aio);
	}
}

static void
on_received(void *arg)
{
	nng_aio *aio = *(nng_aio **) arg;
	nng_msg *msg;
	check("receive", nng_aio_result(aio));
	msg = nng_aio_get_msg(aio);
	arrived(nng_msg_body(msg), nng_msg_len(msg));
	nng_msg_free(msg);
	nng_recv_aio(right, aio);
}

static void *
echo(void *unused)
{
	(void) unused;
	for (;;) {
		nng_msg *msg;
		check("receive", nng_recvmsg(right, &msg, 0));
		check("send", nng_sendmsg(right, msg, 0));
	}
}

static void
exchange(void)
{
	nng_msg *msg;
	check("send", nng_sendmsg(left, new_message(), 0));
	check("receive", nng_recvmsg(left, &msg, 0));
	touched += nng_msg_len(msg);
	nng_msg_free(msg);
}

int
main(int argc, char **argv)
{
	static nng_aio *senders[AIOS], *receivers[AIOS];
	start(argc, argv, nng_version());
	check("open", nng_pair0_open(&left));
	check("open", nng_pair0_open(&right));
	if (strcmp(mode, "throughput") == 0) {
		check("buffer", nng_socket_set_int(left, NNG_OPT_SENDBUF, 8192));
		check("buffer", nng_socket_set_int(right, NNG_OPT_RECVBUF, 8192));
	}
	check("listen", nng_listen(left, "inproc://bench", NULL, 0));
	check("dial", nng_dial(right, "inproc://bench", NULL, 0));
	say("listening inproc://bench\n");
	if (strcmp(mode, "latency") == 0) {
		pthread_t thread;
		pthread_create(&thread, NULL, echo, NULL);
		measure_latency(exchange);
		sleep_until_end();
	}
	for (int i = 0; i < AIOS; i++) {
		check("aio", nng_aio_alloc(&senders[i], on_sent, &senders[i]));
		check("aio", nng_aio_alloc(&receivers[i], on_received, &receivers[i]));
		nng_recv_aio(right, receivers[i]);
	}
	for (int i = 0; i < AIOS; i++) {
		__atomic_fetch_add(&sent, 1, __ATOMIC_RELAXED);
		nng_aio_set_msg(senders[i], new_message());
		nng_send_aio(left, senders[i]);
	}
	sleep_until_end();
}
