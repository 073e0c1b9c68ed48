/*
 * A peer on libnng: `nng-peer <protocol> [--listen url] [--dial url] [options]`, then commands on standard input.
 *
 * protocol: pair0 pair1 pair1-poly req rep raw-req raw-rep
 * options:  --receive-max bytes   --buffer messages   --timeout ms   --resend ms
 * At start it prints "listening <real url>" or "dialing <url>", then "ready".
 */
#include "peer.h"

#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <nng/protocol/pair1/pair.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

static nng_socket   sock;
static nng_duration timeout = 20000;

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
	(void) unused;
	say("event %s %08x", event == NNG_PIPE_EV_ADD_POST ? "connected" : "disconnected", (unsigned) nng_pipe_id(pipe));
}

static int
open_socket(const char *protocol)
{
	if (strcmp(protocol, "pair0") == 0) {
		return nng_pair0_open(&sock);
	} else if (strcmp(protocol, "pair1") == 0) {
		return nng_pair1_open(&sock);
	} else if (strcmp(protocol, "pair1-poly") == 0) {
		return nng_pair1_open_poly(&sock);
	} else if (strcmp(protocol, "req") == 0) {
		return nng_req0_open(&sock);
	} else if (strcmp(protocol, "rep") == 0) {
		return nng_rep0_open(&sock);
	} else if (strcmp(protocol, "raw-req") == 0) {
		return nng_req0_open_raw(&sock);
	} else if (strcmp(protocol, "raw-rep") == 0) {
		return nng_rep0_open_raw(&sock);
	}
	return NNG_ENOTSUP;
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
send_series(uint32_t count)
{
	uint8_t bytes[SERIES_MAX];
	for (uint32_t i = 0; i < count; i++) {
		if (send_message(make_message(bytes, fill_series(bytes, i))) != 0) {
			return;
		}
	}
	say("sent");
}

static void
receive_series(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		nng_msg *msg = receive_message();
		if (msg == NULL) {
			return;
		}
		if (!is_series(nng_msg_body(msg), nng_msg_len(msg), i)) {
			say("error message %u is not the expected one", (unsigned) i);
			nng_msg_free(msg);
			return;
		}
		nng_msg_free(msg);
	}
	say("series %u", (unsigned) count);
}

/* Answers every request with its own bytes, for ever. */
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
	} else if (strcmp(verb, "send-series") == 0 && first != NULL) {
		send_series((uint32_t) strtoul(first, NULL, 10));
	} else if (strcmp(verb, "receive") == 0) {
		receive(0, 0);
	} else if (strcmp(verb, "receive-with-header") == 0) {
		receive(1, 0);
	} else if (strcmp(verb, "receive-from") == 0) {
		receive(0, 1);
	} else if (strcmp(verb, "receive-series") == 0 && first != NULL) {
		receive_series((uint32_t) strtoul(first, NULL, 10));
	} else if (strcmp(verb, "serve") == 0) {
		serve();
	} else if (strcmp(verb, "serve-parallel") == 0 && first != NULL) {
		serve_parallel(atoi(first));
	} else if (strcmp(verb, "request-parallel") == 0 && first != NULL) {
		request_parallel(atoi(first));
	} else {
		say("error unknown command %s", verb);
	}
}

static void
listen_at(const char *url)
{
	nng_listener listener;
	char        *real;
	check("listen", nng_listen(sock, url, &listener, 0));
	check("url", nng_listener_get_string(listener, NNG_OPT_URL, &real));
	say("listening %s", real);
	nng_strfree(real);
}

static void
dial_to(const char *url)
{
	check("dial", nng_dial(sock, url, NULL, NNG_FLAG_NONBLOCK));
	say("dialing %s", url);
}

int
main(int argc, char **argv)
{
	size_t       receive_max = 0;
	int          buffer      = 0;
	nng_duration resend      = 0;

	if (argc < 2) {
		fail("usage", "nng-peer <protocol> [--listen url] [--dial url] [options]");
	}
	start_reading();
	check("open", open_socket(argv[1]));
	for (int i = 2; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--receive-max") == 0) {
			receive_max = strtoul(argv[i + 1], NULL, 10);
		} else if (strcmp(argv[i], "--buffer") == 0) {
			buffer = atoi(argv[i + 1]);
		} else if (strcmp(argv[i], "--timeout") == 0) {
			timeout = atoi(argv[i + 1]);
		} else if (strcmp(argv[i], "--resend") == 0) {
			resend = atoi(argv[i + 1]);
		}
	}
	check("receive max", nng_socket_set_size(sock, NNG_OPT_RECVMAXSZ, receive_max));
	check("timeout", nng_socket_set_ms(sock, NNG_OPT_RECVTIMEO, timeout));
	check("timeout", nng_socket_set_ms(sock, NNG_OPT_SENDTIMEO, timeout));
	check("reconnect", nng_socket_set_ms(sock, NNG_OPT_RECONNMINT, 20));
	check("reconnect", nng_socket_set_ms(sock, NNG_OPT_RECONNMAXT, 100));
	if (buffer > 0) {
		check("buffer", nng_socket_set_int(sock, NNG_OPT_SENDBUF, buffer));
		check("buffer", nng_socket_set_int(sock, NNG_OPT_RECVBUF, buffer));
	}
	if (resend != 0) {
		check("resend", nng_socket_set_ms(sock, NNG_OPT_REQ_RESENDTIME, resend));
	}
	check("notify", nng_pipe_notify(sock, NNG_PIPE_EV_ADD_POST, on_pipe, NULL));
	check("notify", nng_pipe_notify(sock, NNG_PIPE_EV_REM_POST, on_pipe, NULL));
	for (int i = 2; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--listen") == 0) {
			listen_at(argv[i + 1]);
		} else if (strcmp(argv[i], "--dial") == 0) {
			dial_to(argv[i + 1]);
		}
	}
	say("ready");
	for (;;) {
		char *line = next_line();
		obey(line);
		free(line);
	}
}
