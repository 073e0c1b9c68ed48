/*
 * Benchmarks on libnng. Modes: pair-aio (many operations at once; blocking calls of one thread are slower), pair-back (the same, but the listener sends), push-aio (from PUSH to PULL), reqrep (one round trip after the other), reqrep-parallel (64 contexts).
 */
#include "bench.h"

#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>

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
run_pair(int sending)
{
	static nng_aio *aios[PAIR_AIOS];
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

/* The certificate that the harness has made, for tls+tcp. */
static nng_tls_config *
certificates(int server)
{
	const char     *folder = getenv("SPROCKET_BENCH_CERTIFICATES");
	nng_tls_config *config;
	char            file[1024];
	check("tls", nng_tls_config_alloc(&config, server ? NNG_TLS_MODE_SERVER : NNG_TLS_MODE_CLIENT));
	if (server) {
		snprintf(file, sizeof file, "%s/server.pem", folder == NULL ? "." : folder);
		check("certificate", nng_tls_config_cert_key_file(config, file, NULL));
	} else {
		snprintf(file, sizeof file, "%s/server.crt", folder == NULL ? "." : folder);
		check("authority", nng_tls_config_ca_file(config, file));
		check("mode", nng_tls_config_auth_mode(config, NNG_TLS_AUTH_MODE_REQUIRED));
	}
	return config;
}

static void
listen_on(const char *where)
{
	nng_listener listener;
	char        *real;
	check("listener", nng_listener_create(&listener, sock, where));
	if (strncmp(where, "tls", 3) == 0) {
		check("config", nng_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, certificates(1)));
	}
	check("listen", nng_listener_start(listener, 0));
	check("url", nng_listener_get_string(listener, NNG_OPT_URL, &real));
	say("listening %s\n", real);
}

static void
dial_to(const char *where)
{
	nng_dialer dialer;
	check("dialer", nng_dialer_create(&dialer, sock, where));
	if (strncmp(where, "tls", 3) == 0) {
		check("config", nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, certificates(0)));
	}
	check("dial", nng_dialer_start(dialer, 0));
}

int
main(int argc, char **argv)
{
	start(argc, argv, nng_version());
	int server = strcmp(role, "server") == 0;
	int push   = strcmp(mode, "push-aio") == 0;
	int pair   = push || strncmp(mode, "pair", 4) == 0;

	check("open",
	    push       ? (server ? nng_pull0_open(&sock) : nng_push0_open(&sock))
	        : pair ? nng_pair0_open(&sock)
	               : (server ? nng_rep0_open(&sock) : nng_req0_open(&sock)));
	check("limit", nng_socket_set_size(sock, NNG_OPT_RECVMAXSZ, 0));
	if (pair) {
		/* PULL has no receive buffer, PUSH has one to send from. */
		if (!push || !server) {
			check("buffer", nng_socket_set_int(sock, NNG_OPT_SENDBUF, 8192));
		}
		if (!push) {
			check("buffer", nng_socket_set_int(sock, NNG_OPT_RECVBUF, 8192));
		}
	}
	if (server) {
		listen_on(url);
	} else {
		dial_to(url);
	}
	if (pair) {
		run_pair(server == (strcmp(mode, "pair-back") == 0));
	} else if (strcmp(mode, "reqrep-parallel") == 0) {
		run_conversations(!server);
	} else if (server) {
		reply();
	} else {
		measure_latency(exchange);
		sleep_until_end();
	}
}
