/*
 * What the C programs share where one process publishes and another holds all the subscribers. The first byte of a message
 * says what it is: a greeting until everybody has heard one (and then for the warm-up), a pause until everybody has heard
 * of it, so that nothing of the warm-up is still under way, data, or the end. Each is repeated until everybody has heard
 * it, because it may be lost like anything else.
 */
#ifndef MANY_H
#define MANY_H

#include "bench.h"

#define DATA 1
#define END 2
#define GREETING 3
#define PAUSE 4

/* Microseconds, so that what is said again and again is no more than many subscribers can take. */
static useconds_t
breather(useconds_t least)
{
	useconds_t many = (useconds_t) (peers * 50);
	return many > least ? many : least;
}

/* Says it again and again until the harness has let us go on so many times. */
static void
repeat_until(int times, uint8_t kind, void (*publish)(uint8_t kind))
{
	while (__atomic_load_n(&gone, __ATOMIC_ACQUIRE) < times) {
		publish(kind);
		usleep(breather(2000));
	}
}

/* Greets until the client is ready, sends the warm-up, waits, sends the data, then says that this was all. */
static void
publish_all(void (*publish)(uint8_t kind))
{
	repeat_until(1, GREETING, publish);
	for (long i = 0; i < warm_up; i++) {
		publish(GREETING);
	}
	repeat_until(2, PAUSE, publish);
	for (long i = 0; i < count; i++) {
		publish(DATA);
	}
	for (;;) {
		publish(END);
		usleep(breather(5000));
	}
}

/* Counts what all subscribers together get: from one thread or many. */
static uint8_t *state;
static long     greeted, paused, ended, delivered;

static void
deliver(long subscriber, const void *data, size_t length)
{
	uint8_t kind = length > 0 ? *(const uint8_t *) data : 0;
	pthread_mutex_lock(&count_lock);
	touched += length + kind;
	if (kind == DATA) {
		if (delivered++ == 0) {
			started = seconds();
		}
	} else if (kind != state[subscriber]) {
		state[subscriber] = kind;
		if (kind == GREETING) {
			if (++greeted == peers) {
				say("ready\n");
			}
		} else if (kind == PAUSE) {
			if (++paused == peers) {
				say("ready\n");
			}
		} else if (++ended == peers) {
			say("result {\"messages\":%ld,\"seconds\":%.9f,\"sent\":%ld,\"touched\":%llu}\n", delivered,
			    seconds() - started, count * peers, (unsigned long long) touched);
		}
	}
	pthread_mutex_unlock(&count_lock);
}

#endif
