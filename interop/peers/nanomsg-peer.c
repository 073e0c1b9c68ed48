/*
 * A peer on libnanomsg: `nanomsg-peer <protocol>[+<protocol>] [options]`, then commands on standard input.
 *
 * protocol: pair0 req rep pub sub push pull surveyor respondent bus, and raw-<each>
 * options:  --listen url   --dial url   --topic hex, each any number of times
 *           --text 1 (for ws addresses: text frames)
 *           --receive-max bytes (0: no limit)   --timeout ms   --resend ms   --survey-time ms
 * At start it prints "listening <url>" or "dialing <url>" for each, then "ready". nanomsg refuses port 0: the test picks one.
 *
 * A second protocol is the back of a device; --back-listen and --back-dial are for it.
 */
#include "peer.h"

#include <nanomsg/bus.h>
#include <nanomsg/nn.h>
#include <nanomsg/pair.h>
#include <nanomsg/pipeline.h>
#include <nanomsg/pubsub.h>
#include <nanomsg/reqrep.h>
#include <nanomsg/survey.h>
#include <nanomsg/ws.h>

static int sock;
static int back = -1;

static void
check(const char *what, int rv)
{
	if (rv < 0) {
		fail(what, nn_strerror(nn_errno()));
	}
}

static void
set(int socket, int level, int option, int value, const char *what)
{
	check(what, nn_setsockopt(socket, level, option, &value, sizeof value));
}

static const struct {
	const char *name;
	int         number;
} protocols[] = {
	{ "pair0", NN_PAIR },
	{ "req", NN_REQ },
	{ "rep", NN_REP },
	{ "pub", NN_PUB },
	{ "sub", NN_SUB },
	{ "push", NN_PUSH },
	{ "pull", NN_PULL },
	{ "surveyor", NN_SURVEYOR },
	{ "respondent", NN_RESPONDENT },
	{ "bus", NN_BUS },
};

static int
open_socket(const char *protocol)
{
	int         raw  = strncmp(protocol, "raw-", 4) == 0;
	const char *name = protocol + (raw ? 4 : 0);
	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
		if (strcmp(name, protocols[i].name) == 0) {
			int socket = nn_socket(raw ? AF_SP_RAW : AF_SP, protocols[i].number);
			check("open", socket);
			set(socket, NN_SOL_SOCKET, NN_SNDTIMEO, 20000, "timeout");
			set(socket, NN_SOL_SOCKET, NN_RCVTIMEO, 20000, "timeout");
			set(socket, NN_SOL_SOCKET, NN_RECONNECT_IVL, 20, "reconnect");
			set(socket, NN_SOL_SOCKET, NN_RECONNECT_IVL_MAX, 100, "reconnect");
			return socket;
		}
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
send_series(uint32_t count, uint32_t first)
{
	uint8_t bytes[SERIES_MAX];
	for (uint32_t i = first; i < first + count; i++) {
		if (send_bytes(bytes, fill_series(bytes, i)) < 0) {
			return;
		}
	}
	say("sent");
}

/* The index of the next message; -1 after an error, which it has told. */
static int64_t
receive_index(void)
{
	int64_t index;
	size_t  length;
	void   *data = receive_bytes(&length);
	if (data == NULL) {
		return -1;
	}
	index = series_index(data, length);
	nn_freemsg(data);
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
		size_t length;
		void  *data = receive_bytes(&length);
		if (data != NULL && nn_send(sock, &data, NN_MSG, 0) < 0) {
			nn_freemsg(data);
		}
	}
}

/* Forwards between the two sockets, or between the pipes of the one, for ever. */
static void
run_device(void)
{
	say("forwarding");
	check("device", nn_device(sock, back));
}

static void
set_topic(int option, const char *hex)
{
	uint8_t *bytes;
	size_t   length = from_hex(hex, &bytes);
	check("topic", nn_setsockopt(sock, NN_SUB, option, bytes, length));
	free(bytes);
}

static uint64_t
connections(int socket)
{
	return socket < 0 ? 0 : nn_get_statistic(socket, NN_STAT_CURRENT_CONNECTIONS);
}

/*
 * Until so many are there, of both sockets together: who sends to everybody must know that everybody is there. The
 * library tells nobody when one comes, so it must be asked again and again; it counts a connection under the lock under
 * which the protocol then gets it, so whoever asks for an option afterwards has waited for that.
 */
static void
wait_pipes(uint64_t count)
{
	int    value;
	size_t size = sizeof value;
	while (connections(sock) + connections(back) < count) {
		usleep(1000);
	}
	check("option", nn_getsockopt(sock, NN_SOL_SOCKET, NN_SNDTIMEO, &value, &size));
	if (back >= 0) {
		check("option", nn_getsockopt(back, NN_SOL_SOCKET, NN_SNDTIMEO, &value, &size));
	}
	say("pipes %u", (unsigned) count);
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
	} else if (strcmp(verb, "send-series") == 0 && second != NULL) {
		send_series((uint32_t) strtoul(first, NULL, 10), (uint32_t) strtoul(second, NULL, 10));
	} else if (strcmp(verb, "receive") == 0) {
		receive();
	} else if (strcmp(verb, "receive-with-header") == 0) {
		receive_with_header();
	} else if (strcmp(verb, "receive-run") == 0 && first != NULL) {
		receive_run((uint32_t) strtoul(first, NULL, 10));
	} else if (strcmp(verb, "receive-until") == 0 && first != NULL) {
		receive_until((int64_t) strtoul(first, NULL, 10));
	} else if (strcmp(verb, "serve") == 0) {
		serve();
	} else if (strcmp(verb, "device") == 0) {
		run_device();
	} else if (strcmp(verb, "wait-pipes") == 0 && first != NULL) {
		wait_pipes(strtoul(first, NULL, 10));
	} else if (strcmp(verb, "subscribe") == 0 && first != NULL) {
		set_topic(NN_SUB_SUBSCRIBE, first);
		say("subscribed");
	} else if (strcmp(verb, "unsubscribe") == 0 && first != NULL) {
		set_topic(NN_SUB_UNSUBSCRIBE, first);
		say("unsubscribed");
	} else if (strcmp(verb, "survey-time") == 0 && first != NULL) {
		set(sock, NN_SURVEYOR, NN_SURVEYOR_DEADLINE, atoi(first), "survey time");
		say("set");
	} else {
		say("error unknown command %s", verb);
	}
}

static void
listen_at(int socket, const char *url)
{
	check("listen", nn_bind(socket, url));
	say("listening %s", url);
}

static void
dial_to(int socket, const char *url)
{
	check("dial", nn_connect(socket, url));
	say("dialing %s", url);
}

int
main(int argc, char **argv)
{
	char *rest;

	if (argc < 2) {
		fail("usage", "nanomsg-peer <protocol>[+<protocol>] [options]");
	}
	start_reading();
	sock = open_socket(strtok_r(argv[1], "+", &rest));
	if (*rest != 0) {
		back = open_socket(rest);
	}
	for (int i = 2; i + 1 < argc; i += 2) {
		int value = atoi(argv[i + 1]);
		if (strcmp(argv[i], "--receive-max") == 0) {
			set(sock, NN_SOL_SOCKET, NN_RCVMAXSIZE, value == 0 ? -1 : value, "receive max");
		} else if (strcmp(argv[i], "--timeout") == 0) {
			set(sock, NN_SOL_SOCKET, NN_SNDTIMEO, value, "timeout");
			set(sock, NN_SOL_SOCKET, NN_RCVTIMEO, value, "timeout");
		} else if (strcmp(argv[i], "--resend") == 0) {
			set(sock, NN_REQ, NN_REQ_RESEND_IVL, value, "resend");
		} else if (strcmp(argv[i], "--survey-time") == 0) {
			set(sock, NN_SURVEYOR, NN_SURVEYOR_DEADLINE, value, "survey time");
		} else if (strcmp(argv[i], "--text") == 0) {
			set(sock, NN_WS, NN_WS_MSG_TYPE, value ? NN_WS_MSG_TYPE_TEXT : NN_WS_MSG_TYPE_BINARY, "text");
		} else if (strcmp(argv[i], "--topic") == 0) {
			set_topic(NN_SUB_SUBSCRIBE, argv[i + 1]);
		}
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
