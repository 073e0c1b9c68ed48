/*
 * A peer on libnng: `nng-peer <protocol>[+<protocol>] [options]`, then commands on standard input.
 *
 * protocol: pair0 pair1 pair1-poly req rep pub sub push pull surveyor respondent bus, and raw-<each but pair1-poly>
 * options:  --listen url   --dial url   --topic hex, each any number of times
 *           --receive-max bytes   --buffer messages   --timeout ms   --resend ms   --survey-time ms
 *           for ws addresses: --text 1 (text frames, both ways)
 *           for addresses with TLS: --tls-ca file   --tls-cert file (with the key)   --tls-mutual 1 (want a certificate)
 * At start it prints "listening <real url>" or "dialing <url>" for each, then "ready".
 *
 * A second protocol is the back of a device; --back-listen and --back-dial are for it.
 */
#include "peer.h"

#include <nng/nng.h>
#include <poll.h>
#include <nng/protocol/bus0/bus.h>
#include <nng/protocol/pair0/pair.h>
#include <nng/protocol/pair1/pair.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/protocol/survey0/respond.h>
#include <nng/protocol/survey0/survey.h>
#include <nng/supplemental/tls/tls.h>

static nng_socket   sock;
static nng_socket   back    = NNG_SOCKET_INITIALIZER;
static nng_duration timeout = 20000;
static const char  *tls_ca;
static const char  *tls_cert;
static int          tls_mutual;
static int          text;

/* Readable while somebody can take a message at once; only where `send_message` must wait for that, else -1. */
static int takes = -1;

static int             pipes;
static pthread_mutex_t pipe_lock  = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t  pipe_moved = PTHREAD_COND_INITIALIZER;

static void
check(const char *what, int rv)
{
	if (rv != 0) {
		fail(what, nng_strerror(rv));
	}
}

static void
on_pipe(nng_pipe pipe, nng_pipe_ev event, void *unused)
{
	int came = event == NNG_PIPE_EV_ADD_POST;
	(void) unused;
	say("event %s %08x", came ? "connected" : "disconnected", (unsigned) nng_pipe_id(pipe));
	pthread_mutex_lock(&pipe_lock);
	pipes += came ? 1 : -1;
	pthread_cond_signal(&pipe_moved);
	pthread_mutex_unlock(&pipe_lock);
}

/* Until so many are there, of both sockets together: who sends to everybody must know that everybody is there. */
static void
wait_pipes(int count)
{
	pthread_mutex_lock(&pipe_lock);
	while (pipes < count) {
		pthread_cond_wait(&pipe_moved, &pipe_lock);
	}
	pthread_mutex_unlock(&pipe_lock);
	say("pipes %d", count);
}

static const struct {
	const char *name;
	int (*open)(nng_socket *);
} protocols[] = {
	{ "pair0", nng_pair0_open },
	{ "pair1", nng_pair1_open },
	{ "pair1-poly", nng_pair1_open_poly },
	{ "req", nng_req0_open },
	{ "rep", nng_rep0_open },
	{ "pub", nng_pub0_open },
	{ "sub", nng_sub0_open },
	{ "push", nng_push0_open },
	{ "pull", nng_pull0_open },
	{ "surveyor", nng_surveyor0_open },
	{ "respondent", nng_respondent0_open },
	{ "bus", nng_bus0_open },
	{ "raw-pair0", nng_pair0_open_raw },
	{ "raw-pair1", nng_pair1_open_raw },
	{ "raw-req", nng_req0_open_raw },
	{ "raw-rep", nng_rep0_open_raw },
	{ "raw-pub", nng_pub0_open_raw },
	{ "raw-sub", nng_sub0_open_raw },
	{ "raw-push", nng_push0_open_raw },
	{ "raw-pull", nng_pull0_open_raw },
	{ "raw-surveyor", nng_surveyor0_open_raw },
	{ "raw-respondent", nng_respondent0_open_raw },
	{ "raw-bus", nng_bus0_open_raw },
};

static void
open_socket(const char *protocol, nng_socket *socket)
{
	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
		if (strcmp(protocol, protocols[i].name) == 0) {
			check("open", protocols[i].open(socket));
			check("reconnect", nng_socket_set_ms(*socket, NNG_OPT_RECONNMINT, 20));
			check("reconnect", nng_socket_set_ms(*socket, NNG_OPT_RECONNMAXT, 100));
			check("notify", nng_pipe_notify(*socket, NNG_PIPE_EV_ADD_POST, on_pipe, NULL));
			check("notify", nng_pipe_notify(*socket, NNG_PIPE_EV_REM_POST, on_pipe, NULL));
			return;
		}
	}
	fail("open", "unknown protocol");
}

static nng_msg *
make_message(const void *data, size_t length)
{
	nng_msg *msg;
	check("allocate", nng_msg_alloc(&msg, length));
	if (length > 0) {
		memcpy(nng_msg_body(msg), data, length);
	}
	return msg;
}

/*
 * When a connection ends before a push socket of nng 1.5.2 has heard that its last message was written, the socket keeps
 * the pipe in its list after it has freed it: the next message is lost or crashes it. So what is sent counts as sent when
 * its pipe can take another one, unless the other side takes its time to read.
 */
static void
wait_written(void)
{
	struct pollfd writable = { .fd = takes, .events = POLLIN };
	if (takes >= 0) {
		poll(&writable, 1, 1000);
	}
}

/* Sends and reports; the library owns the message only when it took it. */
static int
send_message(nng_msg *msg)
{
	int rv = nng_sendmsg(sock, msg, 0);
	if (rv != 0) {
		nng_msg_free(msg);
		say("error send: %s", nng_strerror(rv));
	}
	return rv;
}

static nng_msg *
receive_message(void)
{
	nng_msg *msg;
	int      rv = nng_recvmsg(sock, &msg, 0);
	if (rv != 0) {
		say("error receive: %s", nng_strerror(rv));
		return NULL;
	}
	return msg;
}

static void
send_hex(const char *hex, const char *header, const char *pipe)
{
	uint8_t *bytes;
	size_t   length = from_hex(hex, &bytes);
	nng_msg *msg    = make_message(bytes, length);
	free(bytes);
	if (header != NULL) {
		length = from_hex(header, &bytes);
		check("header", nng_msg_header_append(msg, bytes, length));
		free(bytes);
	}
	if (pipe != NULL) {
		nng_pipe to;
		to.id = (uint32_t) strtoul(pipe, NULL, 16);
		nng_msg_set_pipe(msg, to);
	}
	if (send_message(msg) == 0) {
		wait_written();
		say("sent");
	}
}

static void
send_pattern(size_t length, uint32_t seed)
{
	nng_msg *msg;
	check("allocate", nng_msg_alloc(&msg, length));
	fill_pattern(nng_msg_body(msg), length, seed);
	if (send_message(msg) == 0) {
		wait_written();
		say("sent");
	}
}

static void
receive(int with_header, int with_pipe)
{
	nng_msg *msg = receive_message();
	char     before[256];
	if (msg == NULL) {
		return;
	}
	if (with_header) {
		char *header = to_hex(nng_msg_header(msg), nng_msg_header_len(msg));
		snprintf(before, sizeof before, "message %s", header);
		free(header);
	} else if (with_pipe) {
		snprintf(before, sizeof before, "message %08x", (unsigned) nng_pipe_id(nng_msg_get_pipe(msg)));
	} else {
		strcpy(before, "message");
	}
	say_message(before, nng_msg_body(msg), nng_msg_len(msg));
	nng_msg_free(msg);
}

static void
send_series(uint32_t count, uint32_t first)
{
	uint8_t bytes[SERIES_MAX];
	for (uint32_t i = first; i < first + count; i++) {
		if (send_message(make_message(bytes, fill_series(bytes, i))) != 0) {
			return;
		}
	}
	wait_written();
	say("sent");
}

/* The index of the next message; -1 after an error, which it has told. */
static int64_t
receive_index(void)
{
	int64_t  index;
	nng_msg *msg = receive_message();
	if (msg == NULL) {
		return -1;
	}
	index = series_index(nng_msg_body(msg), nng_msg_len(msg));
	nng_msg_free(msg);
	if (index < 0) {
		say("error the message is not of the series");
	}
	return index;
}

/* Messages without a gap; says with which one they began. */
static void
receive_run(uint32_t count)
{
	int64_t first = -1;
	for (uint32_t i = 0; i < count; i++) {
		int64_t index = receive_index();
		if (index < 0) {
			return;
		}
		if (i == 0) {
			first = index;
		} else if (index != first + i) {
			say("error message %lld came where %lld should", (long long) index, (long long) first + i);
			return;
		}
	}
	say("run %lld", (long long) first);
}

/* Messages in order, with gaps perhaps, up to the one with index `last`; says how many there were. */
static void
receive_until(int64_t last)
{
	int64_t  previous = -1;
	unsigned count    = 0;
	while (previous != last) {
		int64_t index = receive_index();
		if (index < 0) {
			return;
		}
		if (index <= previous || index > last) {
			say("error message %lld came after %lld", (long long) index, (long long) previous);
			return;
		}
		previous = index;
		count++;
	}
	say("until %u", count);
}

/* Answers every request or survey with its own bytes, for ever. */
static void
serve(void)
{
	say("serving");
	for (;;) {
		nng_msg *msg = receive_message();
		if (msg != NULL) {
			send_message(msg);
		}
	}
}

/* Forwards between the two sockets, or between the pipes of the one, for ever. */
static void
run_device(void)
{
	say("forwarding");
	check("device", nng_device(sock, back));
}

static void
set_topic(const char *option, const char *hex)
{
	uint8_t *bytes;
	size_t   length = from_hex(hex, &bytes);
	check(option, nng_socket_set(sock, option, bytes, length));
	free(bytes);
}

/* Of the surveys from now on. */
static void
set_survey_time(nng_duration time)
{
	check("survey time", nng_socket_set_ms(sock, NNG_OPT_SURVEYOR_SURVEYTIME, time));
}

static nng_aio *
new_aio(void)
{
	nng_aio *aio;
	check("aio", nng_aio_alloc(&aio, NULL, NULL));
	nng_aio_set_timeout(aio, timeout);
	return aio;
}

#define PARALLEL_MAX 64

static nng_ctx  contexts[PARALLEL_MAX];
static nng_aio *aios[PARALLEL_MAX];

static void
open_contexts(int count)
{
	for (int i = 0; i < count; i++) {
		check("context", nng_ctx_open(&contexts[i], sock));
		aios[i] = new_aio();
	}
}

static void
wait_all(const char *what, int count)
{
	for (int i = 0; i < count; i++) {
		nng_aio_wait(aios[i]);
		check(what, nng_aio_result(aios[i]));
	}
}

/* Takes `count` requests in as many contexts before it answers any of them, last one first. */
static void
serve_parallel(int count)
{
	open_contexts(count);
	for (int i = 0; i < count; i++) {
		nng_ctx_recv(contexts[i], aios[i]);
	}
	say("serving");
	wait_all("receive", count);
	for (int i = count - 1; i >= 0; i--) {
		nng_ctx_send(contexts[i], aios[i]);
		nng_aio_wait(aios[i]);
		check("send", nng_aio_result(aios[i]));
	}
	say("served %d", count);
}

/* One request in each of `count` contexts, all out before the first answer is read; each must come back to its own. */
static void
request_parallel(int count)
{
	open_contexts(count);
	for (int i = 0; i < count; i++) {
		uint8_t index = (uint8_t) i;
		nng_aio_set_msg(aios[i], make_message(&index, 1));
		nng_ctx_send(contexts[i], aios[i]);
	}
	wait_all("send", count);
	for (int i = 0; i < count; i++) {
		nng_ctx_recv(contexts[i], aios[i]);
	}
	wait_all("receive", count);
	for (int i = 0; i < count; i++) {
		nng_msg *msg = nng_aio_get_msg(aios[i]);
		if (nng_msg_len(msg) != 1 || *(uint8_t *) nng_msg_body(msg) != i) {
			say("error context %d got another one's answer", i);
			return;
		}
		nng_msg_free(msg);
	}
	say("replies %d", count);
}

static void
obey(char *line)
{
	char *rest;
	char *verb   = strtok_r(line, " ", &rest);
	char *first  = strtok_r(NULL, " ", &rest);
	char *second = strtok_r(NULL, " ", &rest);
	if (verb == NULL) {
		say("error empty command");
	} else if (strcmp(verb, "send") == 0 && first != NULL) {
		send_hex(first, NULL, NULL);
	} else if (strcmp(verb, "send-with-header") == 0 && second != NULL) {
		send_hex(second, first, NULL);
	} else if (strcmp(verb, "send-to") == 0 && second != NULL) {
		send_hex(second, NULL, first);
	} else if (strcmp(verb, "send-pattern") == 0 && second != NULL) {
		send_pattern(strtoul(first, NULL, 10), (uint32_t) strtoul(second, NULL, 10));
	} else if (strcmp(verb, "send-series") == 0 && second != NULL) {
		send_series((uint32_t) strtoul(first, NULL, 10), (uint32_t) strtoul(second, NULL, 10));
	} else if (strcmp(verb, "receive") == 0) {
		receive(0, 0);
	} else if (strcmp(verb, "receive-with-header") == 0) {
		receive(1, 0);
	} else if (strcmp(verb, "receive-from") == 0) {
		receive(0, 1);
	} else if (strcmp(verb, "receive-run") == 0 && first != NULL) {
		receive_run((uint32_t) strtoul(first, NULL, 10));
	} else if (strcmp(verb, "receive-until") == 0 && first != NULL) {
		receive_until((int64_t) strtoul(first, NULL, 10));
	} else if (strcmp(verb, "serve") == 0) {
		serve();
	} else if (strcmp(verb, "device") == 0) {
		run_device();
	} else if (strcmp(verb, "wait-pipes") == 0 && first != NULL) {
		wait_pipes(atoi(first));
	} else if (strcmp(verb, "subscribe") == 0 && first != NULL) {
		set_topic(NNG_OPT_SUB_SUBSCRIBE, first);
		say("subscribed");
	} else if (strcmp(verb, "unsubscribe") == 0 && first != NULL) {
		set_topic(NNG_OPT_SUB_UNSUBSCRIBE, first);
		say("unsubscribed");
	} else if (strcmp(verb, "survey-time") == 0 && first != NULL) {
		set_survey_time(atoi(first));
		say("set");
	} else if (strcmp(verb, "serve-parallel") == 0 && first != NULL) {
		serve_parallel(atoi(first));
	} else if (strcmp(verb, "request-parallel") == 0 && first != NULL) {
		request_parallel(atoi(first));
	} else {
		say("error unknown command %s", verb);
	}
}

static void
listen_at(nng_socket socket, const char *url)
{
	nng_listener listener;
	char        *real;
	check("listener", nng_listener_create(&listener, socket, url));
	if (tls_ca != NULL) {
		check("authority", nng_listener_set_string(listener, NNG_OPT_TLS_CA_FILE, tls_ca));
	}
	if (tls_cert != NULL) {
		check("certificate", nng_listener_set_string(listener, NNG_OPT_TLS_CERT_KEY_FILE, tls_cert));
	}
	if (tls_mutual) {
		check("mode", nng_listener_set_int(listener, NNG_OPT_TLS_AUTH_MODE, NNG_TLS_AUTH_MODE_REQUIRED));
	}
	if (text) {
		check("text", nng_listener_set_bool(listener, NNG_OPT_WS_SEND_TEXT, true));
		check("text", nng_listener_set_bool(listener, NNG_OPT_WS_RECV_TEXT, true));
	}
	check("listen", nng_listener_start(listener, 0));
	check("url", nng_listener_get_string(listener, NNG_OPT_URL, &real));
	say("listening %s", real);
	nng_strfree(real);
}

static void
dial_to(nng_socket socket, const char *url)
{
	nng_dialer dialer;
	check("dialer", nng_dialer_create(&dialer, socket, url));
	if (tls_ca != NULL) {
		check("authority", nng_dialer_set_string(dialer, NNG_OPT_TLS_CA_FILE, tls_ca));
	}
	if (tls_cert != NULL) {
		check("certificate", nng_dialer_set_string(dialer, NNG_OPT_TLS_CERT_KEY_FILE, tls_cert));
	}
	if (text) {
		check("text", nng_dialer_set_bool(dialer, NNG_OPT_WS_SEND_TEXT, true));
		check("text", nng_dialer_set_bool(dialer, NNG_OPT_WS_RECV_TEXT, true));
	}
	check("dial", nng_dialer_start(dialer, NNG_FLAG_NONBLOCK));
	say("dialing %s", url);
}

int
main(int argc, char **argv)
{
	size_t       receive_max = 0;
	int          buffer      = 0;
	nng_duration resend      = 0;
	nng_duration survey_time = 0;
	char        *rest;

	if (argc < 2) {
		fail("usage", "nng-peer <protocol>[+<protocol>] [options]");
	}
	start_reading();
	open_socket(strtok_r(argv[1], "+", &rest), &sock);
	if (strcmp(argv[1], "push") == 0) {
		check("send descriptor", nng_socket_get_int(sock, NNG_OPT_SENDFD, &takes));
	}
	if (*rest != 0) {
		open_socket(rest, &back);
	}
	for (int i = 2; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--receive-max") == 0) {
			receive_max = strtoul(argv[i + 1], NULL, 10);
		} else if (strcmp(argv[i], "--buffer") == 0) {
			buffer = atoi(argv[i + 1]);
		} else if (strcmp(argv[i], "--timeout") == 0) {
			timeout = atoi(argv[i + 1]);
		} else if (strcmp(argv[i], "--resend") == 0) {
			resend = atoi(argv[i + 1]);
		} else if (strcmp(argv[i], "--survey-time") == 0) {
			survey_time = atoi(argv[i + 1]);
		} else if (strcmp(argv[i], "--tls-ca") == 0) {
			tls_ca = argv[i + 1];
		} else if (strcmp(argv[i], "--tls-cert") == 0) {
			tls_cert = argv[i + 1];
		} else if (strcmp(argv[i], "--tls-mutual") == 0) {
			tls_mutual = atoi(argv[i + 1]);
		} else if (strcmp(argv[i], "--text") == 0) {
			text = atoi(argv[i + 1]);
		} else if (strcmp(argv[i], "--topic") == 0) {
			set_topic(NNG_OPT_SUB_SUBSCRIBE, argv[i + 1]);
		}
	}
	check("receive max", nng_socket_set_size(sock, NNG_OPT_RECVMAXSZ, receive_max));
	check("timeout", nng_socket_set_ms(sock, NNG_OPT_RECVTIMEO, timeout));
	check("timeout", nng_socket_set_ms(sock, NNG_OPT_SENDTIMEO, timeout));
	if (buffer > 0) {
		check("buffer", nng_socket_set_int(sock, NNG_OPT_SENDBUF, buffer));
		check("buffer", nng_socket_set_int(sock, NNG_OPT_RECVBUF, buffer));
	}
	if (resend != 0) {
		check("resend", nng_socket_set_ms(sock, NNG_OPT_REQ_RESENDTIME, resend));
	}
	if (survey_time != 0) {
		set_survey_time(survey_time);
	}
	for (int i = 2; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--listen") == 0) {
			listen_at(sock, argv[i + 1]);
		} else if (strcmp(argv[i], "--dial") == 0) {
			dial_to(sock, argv[i + 1]);
		} else if (strcmp(argv[i], "--back-listen") == 0) {
			listen_at(back, argv[i + 1]);
		} else if (strcmp(argv[i], "--back-dial") == 0) {
			dial_to(back, argv[i + 1]);
		}
	}
	say("ready");
	for (;;) {
		char *line = next_line();
		obey(line);
		free(line);
	}
}
