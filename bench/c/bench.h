/*
 * What the C benchmark programs share. Each is started as
 *
 *   program <mode> <role> <url> <size> <warm-up> <count>
 *
 * where the server prints "listening <url>" and whoever measures prints "result <json>". All end with their standard
 * input, so that nothing is left when the harness goes.
 */
#ifndef BENCH_H
#define BENCH_H

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *mode, *role, *url;
static size_t      size;
static long        warm_up, count;

static double
seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static void
say(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	fflush(stdout);
}

static void
fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	_exit(1);
}

static void *
wait_for_end(void *unused)
{
	(void) unused;
	while (getchar() != EOF) {
	}
	_exit(0);
}

static void
sleep_until_end(void)
{
	for (;;) {
		pause();
	}
}

static void
start(int argc, char **argv)
{
	pthread_t thread;
	if (argc != 7) {
		fail("usage", "<mode> <role> <url> <size> <warm-up> <count>");
	}
	mode    = argv[1];
	role    = argv[2];
	url     = argv[3];
	size    = strtoul(argv[4], NULL, 10);
	warm_up = atol(argv[5]);
	count   = atol(argv[6]);
	pthread_create(&thread, NULL, wait_for_end, NULL);
}

/* Counts what arrives: `arrived` for each message, from one thread or many. */
static long            seen;
static double          started;
static uint64_t        touched;
static pthread_mutex_t count_lock = PTHREAD_MUTEX_INITIALIZER;

static void
arrived(const void *data, size_t length)
{
	pthread_mutex_lock(&count_lock);
	touched += length + (length > 0 ? *(const uint8_t *) data : 0);
	seen++;
	if (seen == warm_up) {
		started = seconds();
	} else if (seen == warm_up + count) {
		say("result {\"messages\":%ld,\"seconds\":%.9f,\"touched\":%llu}\n", count, seconds() - started,
		    (unsigned long long) touched);
	}
	pthread_mutex_unlock(&count_lock);
}

static int
compare(const void *a, const void *b)
{
	double left = *(const double *) a, right = *(const double *) b;
	return (left > right) - (left < right);
}

/* Round trips of `exchange`, one after the other. */
static void
measure_latency(void (*exchange)(void))
{
	double *times = malloc(sizeof(double) * (size_t) count);
	for (long i = 0; i < warm_up; i++) {
		exchange();
	}
	for (long i = 0; i < count; i++) {
		double before = seconds();
		exchange();
		times[i] = seconds() - before;
	}
	qsort(times, (size_t) count, sizeof(double), compare);
	say("result {\"p50\":%.3f,\"p99\":%.3f}\n", times[count / 2] * 1e6, times[(long) ((double) count * 0.99)] * 1e6);
	free(times);
}

#endif
