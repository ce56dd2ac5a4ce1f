/* What a process of a script's own costs by itself: paylink-script, started by the product's own CPosix and driven from C
 * by the frames of LuaWire.h. Every answer is compared with what it must be; anything else ends the driver with status 1.
 *
 *   child_driver start PROGRAM ROUNDS        a line for each child: nanoseconds from before the spawn to its first
 *                                            message, and to the wall; bytes resident then; nanoseconds from the kill
 *                                            to its being reaped, with a megabyte held by its script
 *   child_driver call one|two PROGRAM COUNT  nanoseconds for one host call; both processes on one core, or on two
 *   child_driver floor one|two COUNT         the same for as many bytes between two processes that do nothing else
 */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "child_frames.h"

enum { WARM_UP = 1000, MEGABYTE = 1 << 20 };

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

/* Cores -------------------------------------------------------------------------------------------------------- */

/* The first or the second of the cores that this process may use. */
static int core(int index) {
    static cpu_set_t allowed;
    if (!CPU_COUNT(&allowed) && sched_getaffinity(0, sizeof allowed, &allowed) != 0) die("sched_getaffinity: %m");
    for (int i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &allowed) && index-- == 0) return i;
    die("there are not two cores");
}

static void pin(int index) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core(index), &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) die("sched_setaffinity: %m");
}

/* The core of the second process, beside this one's on core 0. */
static int place(const char *word) {
    if (strcmp(word, "one") != 0 && strcmp(word, "two") != 0) die("'%s' is neither one nor two", word);
    return *word == 't';
}

/* Measurements ------------------------------------------------------------------------------------------------- */

static void measure_start(const char *program, long rounds) {
    for (long round = -1; round < rounds; round++) { /* the first one is not counted: it reads the program from disk */
        long began = now();
        spawn(program);
        open_state();
        long first = now();
        build_wall();
        long walled = now();
        long before = resident();
        uint32_t task = start_script("held = ('x'):rep(tonumber((...))) host_call(#held)", "1048576");
        receive_call(task, MEGABYTE);
        if (resident() - before < MEGABYTE) die("the script does not hold a megabyte");
        long killed = now();
        end_child();
        if (round >= 0) printf("%ld %ld %ld %ld\n", first - began, walled - began, before, now() - killed);
    }
}

static double measure_calls(const char *program, const char *where, long count) {
    char argument[32];
    snprintf(argument, sizeof argument, "%ld", count + WARM_UP);
    pin(place(where)); /* the child and its threads inherit it */
    spawn(program);
    pin(0);
    open_state();
    build_wall();
    uint32_t task = start_script("for i = 1, tonumber((...)) do if host_call(i) ~= i then error('not mine') end end",
                                 argument);
    long began = 0;
    for (long i = 1; i <= count + WARM_UP; i++) {
        receive_call(task, i);
        if (i == WARM_UP) began = now();
        answer_call(i);
    }
    if (receive_done().task != task) die("another task than the script's has ended");
    double each = (double)(now() - began) / (double)count;
    end_child();
    return each;
}

/* Sizes of the two frames of a call with an integer, there and back. */
enum { ASKED = sizeof(lw_header) + 8 + 9, ANSWERED = sizeof(lw_header) + 4 + 9 };

static void exchange(int socket, size_t sent, size_t expected) {
    uint8_t bytes[64] = {0};
    if (sent && send(socket, bytes, sent, MSG_NOSIGNAL) != (ssize_t)sent) die("floor: send: %m");
    if (expected && recv(socket, bytes, sizeof bytes, 0) != (ssize_t)expected) die("floor: recv: %m");
}

static double measure_floor(const char *where, long count) {
    int ends[2], other = place(where), status;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) die("socketpair: %m");
    core(0); /* before either is pinned */
    pid_t process = fork();
    if (process < 0) die("fork: %m");
    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ends[0]);
        pin(other);
        for (long i = 0; i < count + WARM_UP; i++) exchange(ends[1], ASKED, ANSWERED);
        _exit(0);
    }
    close(ends[1]);
    pin(0);
    exchange(ends[0], 0, ASKED);
    long began = 0;
    for (long i = 1; i < count + WARM_UP; i++) {
        if (i == WARM_UP) began = now();
        exchange(ends[0], ANSWERED, ASKED);
    }
    double each = (double)(now() - began) / (double)count;
    exchange(ends[0], ANSWERED, 0);
    if (waitpid(process, &status, 0) != process || status != 0) die("floor: the other process failed");
    return each;
}

int main(int count, char **arguments) {
    const char *what = count > 1 ? arguments[1] : "";
    long number = count > 3 ? atol(arguments[count - 1]) : 0;
    if (number <= 0) die("see the head of child_driver.c for its arguments");
    if (strcmp(what, "start") == 0 && count == 4) measure_start(arguments[2], number);
    else if (strcmp(what, "call") == 0 && count == 5) printf("%.0f\n", measure_calls(arguments[3], arguments[2], number));
    else if (strcmp(what, "floor") == 0 && count == 4) printf("%.0f\n", measure_floor(arguments[2], number));
    else die("see the head of child_driver.c for its arguments");
    return 0;
}
