/* The process in which a script's Lua state lives when it does not live in paylink itself: no token, no ledger, no
 * network, no file but the socket to its parent, which it asks for everything that needs a right. Plain C, linked
 * statically: it starts in a millisecond, and what it may do afterwards is a short list. */
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "sc_pipe.h"
#include "sc_orders.h"
#include "sc_wall.h"

/* Only what is safe at any point: the state's watchdog does the rest. */
static void on_stop(int number) {
    sc_stop(number == LW_SIGNAL_DEADLINE    ? LH_STOP_DEADLINE
            : number == LW_SIGNAL_INTERRUPT ? LH_STOP_INTERRUPT
                                            : LH_STOP_EXIT);
}

/* The parent has started this process with these signals blocked. */
static void take_signals(void) {
    static const int numbers[] = {LW_SIGNAL_DEADLINE, LW_SIGNAL_INTERRUPT, LW_SIGNAL_EXIT};
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
    sigset_t none;
    sigemptyset(&none);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

int main(int count, char **arguments) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    tzset(); /* the zone is read while it can be; TZ is set, so nothing looks for it again */
    mallopt(M_ARENA_MAX, 1); /* a second arena would want mprotect */
    if (count == 3 && strcmp(arguments[1], "--without") == 0) sc_left_out = atoi(arguments[2]);
    if (count == 3 && strcmp(arguments[1], "--try") == 0) sc_tried = atoi(arguments[2]);
    sc_open_output();
    take_signals();
    for (;;) sc_obey();
}
