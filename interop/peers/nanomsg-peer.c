/*
 * A peer on libnanomsg: `nanomsg-peer <protocol> [--listen url] [--dial url] [options]`, then commands on standard input.
 *
 * protocol: pair0 req rep raw-req raw-rep
 * options:  --receive-max bytes (0: no limit)   --timeout ms   --resend ms
 * At start it prints "listening <url>" or "dialing <url>", then "ready". nanomsg refuses port 0: the test picks one.
 */
#include "peer.h"

#include <nanomsg/nn.h>
#include <nanomsg/pair.h>
#include <nanomsg/reqrep.h>

static int sock;

static void
check(const char *what, int rv)
{
	if (rv < 0) {
		fail(what, nn_strerror(nn_errno()));
	}
}

static int
open_socket(const char *protocol)
{
	if (strcmp(protocol, "pair0") == 0) {
		return nn_socket(AF_SP, NN_PAIR);
	} else if (strcmp(protocol, "req") == 0) {
		return nn_socket(AF_SP, NN_REQ);
	} else if (strcmp(protocol, "rep") == 0) {
		return nn_socket(AF_SP, NN_REP);
	} else if (strcmp(protocol, "raw-req") == 0) {
		return nn_socket(AF_SP_RAW, NN_REQ);
	} else if (strcmp(protocol, "raw-rep") == 0) {
		return nn_socket(AF_SP_RAW, NN_REP);
	}
	fail("open", "unknown protocol");
	return -1;
}

static int
send_bytes(const void *data, size_t length)
{
	int rv = nn_send(sock, data, length, 0);
	if (rv < 0) {
		say("error send: %s", nn_strerror(nn_errno()));
	}
	return rv;
}

/* The library's own buffer; the caller gives it back with nn_freemsg. */
static void *
receive_bytes(size_t *length)
{
	void *data;
	int   rv = nn_recv(sock, &data, NN_MSG, 0);
	if (rv < 0) {
		say("error receive: %s", nn_strerror(nn_errno()));
		return NULL;
	}
	*length = (size_t) rv;
	return data;
}

static void
send_hex(const char *hex)
{
	uint8_t *bytes;
	size_t   length = from_hex(hex, &bytes);
	if (send_bytes(bytes, length) >= 0) {
		say("sent");
	}
	free(bytes);
}

static void
send_pattern(size_t length, uint32_t seed)
{
	void *msg = nn_allocmsg(length, 0);
	fill_pattern(msg, length, seed);
	if (nn_send(sock, &msg, NN_MSG, 0) < 0) {
		say("error send: %s", nn_strerror(nn_errno()));
		nn_freemsg(msg);
	} else {
		say("sent");
	}
}

/* Raw sockets keep the protocol words in an ancillary property: SP_HDR of level PROTO_SP, its length (size_t) first. */
static void
send_with_header(const char *header_hex, const char *body_hex)
{
	uint8_t          *header, *body;
	size_t            header_length = from_hex(header_hex, &header);
	size_t            body_length   = from_hex(body_hex, &body);
	size_t            data_length   = sizeof(size_t) + header_length;
	size_t            control_size  = NN_CMSG_SPACE(data_length);
	void             *control       = nn_allocmsg(control_size, 0);
	struct nn_cmsghdr *property     = control;
	struct nn_iovec    part         = { body, body_length };
	struct nn_msghdr   message      = { &part, 1, &control, NN_MSG };

	memset(control, 0, control_size);
	property->cmsg_len   = NN_CMSG_LEN(data_length);
	property->cmsg_level = PROTO_SP;
	property->cmsg_type  = SP_HDR;
	memcpy(NN_CMSG_DATA(property), &header_length, sizeof header_length);
	memcpy((uint8_t *) NN_CMSG_DATA(property) + sizeof header_length, header, header_length);
	if (nn_sendmsg(sock, &message, 0) < 0) {
		say("error send: %s", nn_strerror(nn_errno()));
	} else {
		say("sent");
	}
	free(header);
	free(body);
}

static void
receive_with_header(void)
{
	void            *body    = NULL;
	void            *control = NULL;
	struct nn_iovec  part    = { &body, NN_MSG };
	struct nn_msghdr message = { &part, 1, &control, NN_MSG };
	int              length  = nn_recvmsg(sock, &message, 0);
	char             before[1200];

	if (length < 0) {
		say("error receive: %s", nn_strerror(nn_errno()));
		return;
	}
	strcpy(before, "message -");
	for (struct nn_cmsghdr *p = NN_CMSG_FIRSTHDR(&message); p != NULL; p = NN_CMSG_NXTHDR(&message, p)) {
		if (p->cmsg_level == PROTO_SP && p->cmsg_type == SP_HDR) {
			size_t size;
			char  *hex;
			memcpy(&size, NN_CMSG_DATA(p), sizeof size);
			hex = to_hex((uint8_t *) NN_CMSG_DATA(p) + sizeof size, size);
			snprintf(before, sizeof before, "message %s", hex);
			free(hex);
		}
	}
	say_message(before, body, (size_t) length);
	nn_freemsg(body);
	if (control != NULL) {
		nn_freemsg(control);
	}
}

static void
receive(void)
{
	size_t length;
	void  *data = receive_bytes(&length);
	if (data != NULL) {
		say_message("message", data, length);
		nn_freemsg(data);
	}
}

static void
send_series(uint32_t count)
{
	uint8_t bytes[SERIES_MAX];
	for (uint32_t i = 0; i < count; i++) {
		if (send_bytes(bytes, fill_series(bytes, i)) < 0) {
			return;
		}
	}
	say("sent");
}

static void
receive_series(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		size_t length;
		void  *data = receive_bytes(&length);
		if (data == NULL) {
			return;
		}
		if (!is_series(data, length, i)) {
			say("error message %u is not the expected one", (unsigned) i);
			nn_freemsg(data);
			return;
		}
		nn_freemsg(data);
	}
	say("series %u", (unsigned) count);
}

/* Answers every request with its own bytes, for ever. */
static void
serve(void)
{
	say("serving");
	for (;;) {
		size_t length;
		void  *data = receive_bytes(&length);
		if (data != NULL && nn_send(sock, &data, NN_MSG, 0) < 0) {
			nn_freemsg(data);
		}
	}
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
		send_hex(first);
	} else if (strcmp(verb, "send-with-header") == 0 && second != NULL) {
		send_with_header(first, second);
	} else if (strcmp(verb, "send-pattern") == 0 && second != NULL) {
		send_pattern(strtoul(first, NULL, 10), (uint32_t) strtoul(second, NULL, 10));
	} else if (strcmp(verb, "send-series") == 0 && first != NULL) {
		send_series((uint32_t) strtoul(first, NULL, 10));
	} else if (strcmp(verb, "receive") == 0) {
		receive();
	} else if (strcmp(verb, "receive-with-header") == 0) {
		receive_with_header();
	} else if (strcmp(verb, "receive-series") == 0 && first != NULL) {
		receive_series((uint32_t) strtoul(first, NULL, 10));
	} else if (strcmp(verb, "serve") == 0) {
		serve();
	} else if (strcmp(verb, "connections") == 0) {
		say("connections %llu", (unsigned long long) nn_get_statistic(sock, NN_STAT_CURRENT_CONNECTIONS));
	} else {
		say("error unknown command %s", verb);
	}
}

static void
set(int level, int option, int value, const char *what)
{
	check(what, nn_setsockopt(sock, level, option, &value, sizeof value));
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		fail("usage", "nanomsg-peer <protocol> [--listen url] [--dial url] [options]");
	}
	start_reading();
	sock = open_socket(argv[1]);
	check("open", sock);
	set(NN_SOL_SOCKET, NN_SNDTIMEO, 20000, "timeout");
	set(NN_SOL_SOCKET, NN_RCVTIMEO, 20000, "timeout");
	set(NN_SOL_SOCKET, NN_RECONNECT_IVL, 20, "reconnect");
	set(NN_SOL_SOCKET, NN_RECONNECT_IVL_MAX, 100, "reconnect");
	for (int i = 2; i + 1 < argc; i += 2) {
		int value = atoi(argv[i + 1]);
		if (strcmp(argv[i], "--receive-max") == 0) {
			set(NN_SOL_SOCKET, NN_RCVMAXSIZE, value == 0 ? -1 : value, "receive max");
		} else if (strcmp(argv[i], "--timeout") == 0) {
			set(NN_SOL_SOCKET, NN_SNDTIMEO, value, "timeout");
			set(NN_SOL_SOCKET, NN_RCVTIMEO, value, "timeout");
		} else if (strcmp(argv[i], "--resend") == 0) {
			set(NN_REQ, NN_REQ_RESEND_IVL, value, "resend");
		}
	}
	for (int i = 2; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--listen") == 0) {
			check("listen", nn_bind(sock, argv[i + 1]));
			say("listening %s", argv[i + 1]);
		} else if (strcmp(argv[i], "--dial") == 0) {
			check("dial", nn_connect(sock, argv[i + 1]));
			say("dialing %s", argv[i + 1]);
		}
	}
	say("ready");
	for (;;) {
		char *line = next_line();
		obey(line);
		free(line);
	}
}
