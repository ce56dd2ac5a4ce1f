/* Budgets: running time, instructions, and the stop that nothing in a script can survive.
 * A count hook would halve the VM's speed, so none is set while all is well: a watchdog thread looks every
 * few milliseconds, and only when a budget is spent it signals the owner's thread, whose handler sets the
 * hook on the running lua_State, as the stand-alone interpreter does for Ctrl-C. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_getattr_np */
#endif
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "lh_cover.h"
#include "lh_limits.h"
#include "lh_report.h"
#include "lh_shield.h"

enum { TICK_NS = 4000000, IDLE_TICKS = 50, INSTRUCTION_STEP = 1000 };

static __thread lh_state *volatile running_here;
static __thread int thread_prepared; /* threads of a pool may start with every signal blocked */

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The reason for which what runs must end, or LH_STOP_NONE. Safe on the watchdog's thread. */
static int spent(lh_state *H) {
    int asked = atomic_load(&H->stop);
    if (asked) return asked;
    uint64_t now = now_ns();
    if (H->limits.stretch_ns && now - atomic_load(&H->stretch_ns) > H->limits.stretch_ns) return LH_STOP_STRETCH;
    if (H->limits.total_ns && atomic_load(&H->ran_ns) + (now - atomic_load(&H->entered_ns)) > H->limits.total_ns)
        return LH_STOP_TIME;
    return LH_STOP_NONE;
}

/* [-0, +0, may raise] */
static void on_hook(lua_State *L, lua_Debug *event) {
    lh_state *H = lh_state_of(L);
    if (H->cover && event->event == LUA_HOOKLINE) lh_cover_line(H, L, event);
    if (lh_is_stopping(H)) lh_raise_stop(L);
    if (H->limits.instructions && event->event == LUA_HOOKCOUNT) {
        H->instructions += (uint64_t)lua_gethookcount(L);
        if (H->instructions > H->limits.instructions) {
            H->killed = LH_STOP_INSTRUCTIONS;
            lh_raise_stop(L);
        }
    }
    lh_check(L);
    lh_arm(H, L);
}

void lh_arm(lh_state *H, lua_State *L) {
    if (lh_is_stopping(H) || atomic_load_explicit(&H->alarm, memory_order_relaxed))
        lua_sethook(L, on_hook, LUA_MASKCOUNT | LUA_MASKLINE | LUA_MASKCALL, 1);
    else if (H->limits.instructions || H->cover)
        lua_sethook(L, on_hook, (H->limits.instructions ? LUA_MASKCOUNT : 0) | (H->cover ? LUA_MASKLINE : 0), INSTRUCTION_STEP);
    else if (lua_gethookmask(L))
        lua_sethook(L, NULL, 0, 0);
}

int lh_is_stopping(const lh_state *H) { return H->killed && !H->unwinding; }

void lh_begin_stretch(lh_state *H) {
    atomic_store(&H->stretch_ns, now_ns());
    atomic_store(&H->alarm, 0);
}

void lh_check(lua_State *L) {
    lh_state *H = lh_state_of(L);
    if (!lh_is_stopping(H)) {
        int reason = spent(H);
        if (!reason) {
            atomic_store(&H->alarm, 0);
            return;
        }
        if (lh_spares(H, reason)) return;
        if (H->killed) H->unwinding = 0; /* its handlers do not end either */
        else H->killed = lh_unwinds(H, reason);
    }
    lh_raise_stop(L);
}

void lh_stop_text(const lh_state *H, char *text, size_t size) {
    switch (H->killed) {
    case LH_STOP_STRETCH:
        snprintf(text, size, "the script ran for more than %d ms without waiting; it was stopped",
                 (int)(H->limits.stretch_ns / 1000000));
        break;
    case LH_STOP_TIME:
        snprintf(text, size, "the script used up its running time of %d ms (waits not counted); it was stopped",
                 (int)(H->limits.total_ns / 1000000));
        break;
    case LH_STOP_INSTRUCTIONS:
        snprintf(text, size, "the script executed more than %llu instructions; it was stopped",
                 (unsigned long long)H->limits.instructions);
        break;
    case LH_STOP_DEADLINE: snprintf(text, size, "the script reached its time limit; it was stopped"); break;
    case LH_STOP_EXIT: snprintf(text, size, "the script called os.exit"); break;
    default: snprintf(text, size, "interrupted"); break;
    }
}

void lh_raise_stop(lua_State *L) {
    lh_state *H = lh_state_of(L);
    char text[160];
    lh_arm(H, L);
    lh_stop_text(H, text, sizeof text);
    lh_error(L, "%s", text);
}

static void on_signal(int number) {
    (void)number;
    int saved = errno;
    lh_state *H = running_here;
    lua_State *L = H ? H->current : NULL;
    if (L) lua_sethook(L, on_hook, LUA_MASKCOUNT | LUA_MASKLINE | LUA_MASKCALL, 1);
    errno = saved;
}

static void install_handler(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGURG, &action, NULL); /* ignored by default, so a late one harms nobody */
}

/* Signals the owner only while it is certain to be inside: lh_leave waits for `firing` to clear. */
static void fire(lh_state *H) {
    atomic_store(&H->alarm, 1);
    atomic_store(&H->watchdog.firing, 1);
    if (atomic_load(&H->inside)) pthread_kill(H->owner, SIGURG);
    atomic_store(&H->watchdog.firing, 0);
}

void lh_tell_stuck(lh_state *H, uint64_t grace_ns, lh_stuck stuck, void *context) {
    pthread_mutex_lock(&H->watchdog.mutex);
    H->watchdog.grace_ns = grace_ns;
    H->watchdog.stuck_context = context;
    H->watchdog.stuck = stuck;
    pthread_mutex_unlock(&H->watchdog.mutex);
}

/* Tells the host, once, when this stay in Lua does not end though a limit was passed in it long ago. Others than those
 * of running time are ended by whoever asked for them. The mutex is held. */
static void tell_if_stuck(lh_state *H, int reason) {
    lh_watchdog *dog = &H->watchdog;
    uint64_t entry = atomic_load(&H->entered_ns), now = now_ns();
    if (!dog->stuck || (reason != LH_STOP_STRETCH && reason != LH_STOP_TIME)) return;
    if (dog->overdue_entry != entry) {
        dog->overdue_entry = entry;
        dog->overdue_ns = now;
    } else if (now - dog->overdue_ns > dog->grace_ns) {
        lh_stuck stuck = dog->stuck;
        dog->stuck = NULL;
        pthread_mutex_unlock(&dog->mutex);
        stuck(dog->stuck_context, reason);
        pthread_mutex_lock(&dog->mutex);
    }
}

static void *watch(void *argument) {
    lh_state *H = argument;
    lh_watchdog *dog = &H->watchdog;
    int idle = 0;
    atomic_store(&dog->awake, 1);
    pthread_mutex_lock(&dog->mutex);
    while (!dog->quit) {
        if (atomic_load(&H->inside)) {
            idle = 0;
            int reason = spent(H);
            if (reason) {
                fire(H);
                tell_if_stuck(H, reason);
            }
        } else if (++idle > IDLE_TICKS) {
            atomic_store(&dog->parked, 1);
            while (!dog->quit && !atomic_load(&H->inside)) pthread_cond_wait(&dog->wake, &dog->mutex);
            atomic_store(&dog->parked, 0);
            idle = 0;
            continue;
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += TICK_NS;
        if (until.tv_nsec >= 1000000000) until.tv_sec += 1, until.tv_nsec -= 1000000000;
        pthread_cond_timedwait(&dog->wake, &dog->mutex, &until);
    }
    pthread_mutex_unlock(&dog->mutex);
    return NULL;
}

/* 0: no thread could be had. */
int lh_watchdog_start(lh_state *H) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install_handler);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&H->watchdog.mutex, NULL);
    pthread_cond_init(&H->watchdog.wake, &attributes);
    pthread_condattr_destroy(&attributes);
    sigset_t all, before;
    sigfillset(&all); /* the watchdog takes no signal meant for the process, but what it brings about itself */
    sigdelset(&all, SIGSYS);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    H->watchdog.started = pthread_create(&H->watchdog.thread, NULL, watch, H) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return H->watchdog.started;
}

void lh_await_watchdog(lh_state *H) {
    while (!atomic_load(&H->watchdog.awake)) sched_yield();
}

void lh_watchdog_end(lh_state *H) {
    if (!H->watchdog.started) return;
    pthread_mutex_lock(&H->watchdog.mutex);
    H->watchdog.quit = 1;
    pthread_cond_signal(&H->watchdog.wake);
    pthread_mutex_unlock(&H->watchdog.mutex);
    pthread_join(H->watchdog.thread, NULL);
    pthread_mutex_destroy(&H->watchdog.mutex);
    pthread_cond_destroy(&H->watchdog.wake);
}

static void unblock_alarm(void) {
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGURG);
    pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
}

/* Lua counts 200 C calls, one within the other; the largest of them, a string.gsub whose callback calls it again, take
 * 470 KB in all, with no optimisation. Where the thread's stack cannot be asked for, it is believed to be as usual. */
enum { LEAST_STACK = 700 * 1024 };

static void check_stack(void) {
    pthread_attr_t attributes;
    void *lowest;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
    int known = pthread_attr_getstack(&attributes, &lowest, &size) == 0;
    pthread_attr_destroy(&attributes);
    if (known && (size_t)((char *)&lowest - (char *)lowest) < LEAST_STACK)
        lh_panic("scripts are run on a thread with less than 700 KB of stack");
}

/* Once a thread. */
static void prepare_thread(void) {
    thread_prepared = 1;
    check_stack();
    unblock_alarm();
}

void lh_enter(lh_state *H, lua_State *L) {
    if (!thread_prepared) prepare_thread();
    H->owner = pthread_self();
    H->current = L;
    running_here = H;
    uint64_t now = now_ns();
    atomic_store(&H->entered_ns, now);
    if (atomic_exchange(&H->rested, 0)) atomic_store(&H->stretch_ns, now);
    atomic_store(&H->inside, 1);
    if (atomic_load(&H->watchdog.parked)) {
        pthread_mutex_lock(&H->watchdog.mutex);
        pthread_cond_signal(&H->watchdog.wake);
        pthread_mutex_unlock(&H->watchdog.mutex);
    }
    if (atomic_load(&H->stop)) atomic_store(&H->alarm, 1);
    lh_arm(H, L);
}

void lh_leave(lh_state *H) {
    atomic_store(&H->inside, 0);
    while (atomic_load(&H->watchdog.firing)) sched_yield();
    atomic_store(&H->ran_ns, atomic_load(&H->ran_ns) + (now_ns() - atomic_load(&H->entered_ns)));
    H->current = NULL;
    running_here = NULL;
}

void lh_rest(lh_state *H) { atomic_store(&H->rested, 1); }

void lh_stop(lh_state *H, int reason) {
    int none = LH_STOP_NONE;
    atomic_compare_exchange_strong(&H->stop, &none, reason);
}
