/* Signals as bytes in a pipe; see CPosix.h. */
#define _GNU_SOURCE
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static int ends[2] = {-1, -1};
static atomic_int caught;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Only what is safe at any point of any thread. */
static void on_signal(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    if (atomic_fetch_add(&caught, 1) > 0) _exit(128 + number);
    /* The pipe is empty: this is the first byte. */
    (void)!write(ends[1], &byte, 1);
    errno = saved;
}

/* The same, however often. A pipe that is full has told enough. */
static void on_any_signal(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    (void)!write(ends[1], &byte, 1);
    errno = saved;
}

static int watch(const int *numbers, int count, void (*handler)(int)) {
    pthread_mutex_lock(&lock);
    if (ends[0] < 0 && pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        pthread_mutex_unlock(&lock);
        return -1;
    }
    for (int i = 0; i < count; i++) {
        struct sigaction old, action = {.sa_handler = handler, .sa_flags = SA_RESTART};
        sigemptyset(&action.sa_mask);
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN) continue;
        sigaction(numbers[i], &action, NULL);
    }
    pthread_mutex_unlock(&lock);
    return ends[0];
}

int cposix_watch_signals(const int *numbers, int count) { return watch(numbers, count, on_signal); }

int cposix_watch_every_signal(const int *numbers, int count) { return watch(numbers, count, on_any_signal); }
