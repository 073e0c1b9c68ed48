/*
 * What both peers share: the line protocol through which a test drives them.
 *
 * A test writes one command a line and reads one answer a line; lines that start with "event " may come between answers.
 * A peer lives exactly as long as its standard input is open, so a test that dies leaves no orphan behind: a thread reads
 * standard input all the time and ends the process at its end, whatever the main thread waits for.
 */
#ifndef PEER_H
#define PEER_H

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Messages up to this size are printed in full, larger ones as length and checksum. */
#define SHOWN_IN_FULL 1024

static pthread_mutex_t output_lock = PTHREAD_MUTEX_INITIALIZER;

/* One whole line, at once: callbacks of the library print too. */
static void
say(const char *format, ...)
{
	va_list arguments;
	pthread_mutex_lock(&output_lock);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
	pthread_mutex_unlock(&output_lock);
}

static void
fail(const char *what, const char *why)
{
	say("error %s: %s", what, why);
	_exit(1);
}

struct line {
	struct line *next;
	char        *text;
};

static struct line    *first_line;
static struct line   **last_line = &first_line;
static pthread_mutex_t line_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t  line_came = PTHREAD_COND_INITIALIZER;

static void *
read_lines(void *unused)
{
	char  *text     = NULL;
	size_t capacity = 0;
	(void) unused;
	while (getline(&text, &capacity, stdin) >= 0) {
		struct line *line = malloc(sizeof *line);
		text[strcspn(text, "\n")] = 0;
		line->next                = NULL;
		line->text                = strdup(text);
		pthread_mutex_lock(&line_lock);
		*last_line = line;
		last_line  = &line->next;
		pthread_cond_signal(&line_came);
		pthread_mutex_unlock(&line_lock);
	}
	_exit(0);
}

static void
start_reading(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, read_lines, NULL) != 0) {
		fail("thread", "cannot be started");
	}
}

/* The next command; waits for it. The caller frees it. */
static char *
next_line(void)
{
	struct line *line;
	char        *text;
	pthread_mutex_lock(&line_lock);
	while (first_line == NULL) {
		pthread_cond_wait(&line_came, &line_lock);
	}
	line       = first_line;
	first_line = line->next;
	if (first_line == NULL) {
		last_line = &first_line;
	}
	pthread_mutex_unlock(&line_lock);
	text = line->text;
	free(line);
	return text;
}

static int
hex_digit(char c)
{
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* "-" is the empty string. Returns the number of bytes; the caller frees them. */
static size_t
from_hex(const char *text, uint8_t **bytes)
{
	size_t length = strcmp(text, "-") == 0 ? 0 : strlen(text) / 2;
	*bytes        = malloc(length + 1);
	for (size_t i = 0; i < length; i++) {
		(*bytes)[i] = (uint8_t) (hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
	}
	return length;
}

/* The caller frees it. */
static char *
to_hex(const void *data, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t    *bytes    = data;
	char             *text     = malloc(2 * length + 2);
	for (size_t i = 0; i < length; i++) {
		text[2 * i]     = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	strcpy(text + 2 * length, length == 0 ? "-" : "");
	return text;
}

/* FNV-1a; src/pattern.ts computes the same. */
static uint32_t
checksum(const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint32_t       sum   = 0x811c9dc5u;
	for (size_t i = 0; i < length; i++) {
		sum = (sum ^ bytes[i]) * 0x01000193u;
	}
	return sum;
}

/* Bytes that neither repeat every 256 nor every 64 KiB; src/pattern.ts makes the same. */
static void
fill_pattern(void *data, size_t length, uint32_t seed)
{
	uint8_t *bytes = data;
	for (size_t i = 0; i < length; i++) {
		bytes[i] = (uint8_t) (i * 131 + (i >> 8) * 17 + (i >> 16) + seed);
	}
}

/* The messages of an ordered series: the index, then a tail whose length changes from one to the next. */
#define SERIES_MAX (4 + 40)

static size_t
fill_series(uint8_t *bytes, uint32_t index)
{
	size_t tail = index % 41;
	bytes[0]    = (uint8_t) (index >> 24);
	bytes[1]    = (uint8_t) (index >> 16);
	bytes[2]    = (uint8_t) (index >> 8);
	bytes[3]    = (uint8_t) index;
	memset(bytes + 4, (int) (index & 255), tail);
	return 4 + tail;
}

/* Which message of the series it is; -1: none. */
static int64_t
series_index(const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint8_t        expected[SERIES_MAX];
	uint32_t       index;
	if (length < 4) {
		return -1;
	}
	index = (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8 | bytes[3];
	if (length != fill_series(expected, index) || memcmp(data, expected, length) != 0) {
		return -1;
	}
	return index;
}

static void
say_message(const char *before, const void *data, size_t length)
{
	char *hex = to_hex(data, length <= SHOWN_IN_FULL ? length : 0);
	say("%s %zu %08x %s", before, length, (unsigned) checksum(data, length), hex);
	free(hex);
}

#endif
