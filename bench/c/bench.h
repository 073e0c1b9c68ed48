/*
 * What the C benchmark programs share. Each is started as
 *
 *   program <mode> <role> <url> <size> <warm-up> <count> <peers>
 *
 * where the server prints "listening <url>" and whoever measures prints "result <json>". Where the server must wait for
 * the client, the client prints "ready" and the server reads "go". All end with their standard input, so that nothing is
 * left when the harness goes.
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
static long        warm_up, count, peers;
/* For version numbers of macros. */
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

/* How often the harness has let us go on. */
static int gone;

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
	for (int c = getchar(); c != EOF; c = getchar()) {
		if (c == '\n') {
			__atomic_fetch_add(&gone, 1, __ATOMIC_RELEASE);
		}
	}
	_exit(0);
}

static inline void
sleep_until_end(void)
{
	for (;;) {
		pause();
	}
}

/* Reads the task. With "version" as the only argument: prints that. */
static void
start(int argc, char **argv, const char *version)
{
	pthread_t thread;
	if (argc == 2 && strcmp(argv[1], "version") == 0) {
		say("%s\n", version);
		exit(0);
	}
	if (argc != 8) {
		fail("usage", "<mode> <role> <url> <size> <warm-up> <count> <peers>");
	}
	mode    = argv[1];
	role    = argv[2];
	url     = argv[3];
	size    = strtoul(argv[4], NULL, 10);
	warm_up = atol(argv[5]);
	count   = atol(argv[6]);
	peers   = atol(argv[7]);
	pthread_create(&thread, NULL, wait_for_end, NULL);
}

/* Counts what arrives: `arrived` for each message, from one thread or many. */
static long            seen;
static double          started;
static uint64_t        touched;
static pthread_mutex_t count_lock = PTHREAD_MUTEX_INITIALIZER;

static inline void
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

static inline int
compare(const void *a, const void *b)
{
	double left = *(const double *) a, right = *(const double *) b;
	return (left > right) - (left < right);
}

/* The parts at which a distribution is told. */
static const double parts[] = { 0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1 };

/* Of sorted times, in microseconds. */
static inline double
part_of(const double *times, double part)
{
	long at = (long) ((double) count * part);
	return times[at < count ? at : count - 1] * 1e6;
}

/* Round trips of `exchange`, one after the other. */
static inline void
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
	say("result {\"p50\":%.3f,\"p99\":%.3f,\"curve\":[", part_of(times, 0.5), part_of(times, 0.99));
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		say("%s[%g,%.3f]", i == 0 ? "" : ",", parts[i], part_of(times, parts[i]));
	}
	say("]}\n");
	free(times);
}

static inline void
wait_for_go(int times)
{
	while (__atomic_load_n(&gone, __ATOMIC_ACQUIRE) < times) {
		usleep(100);
	}
}

/* For programs of many connections: what this process has in memory. */
static inline void
report_memory(void)
{
	long  pages = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (file == NULL || fscanf(file, "%ld %ld", &pages, &resident) != 2) {
		fail("memory", "no /proc/self/statm");
	}
	fclose(file);
	say("memory {\"rss\":%ld,\"heap\":0}\n", resident * sysconf(_SC_PAGESIZE));
}

#endif
