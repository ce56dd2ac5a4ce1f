/* The state and its tasks: what the C files of the host share. Nothing here is visible to Swift. */
#ifndef LH_STATE_H
#define LH_STATE_H

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "CLuaHost.h"

/* Chunks whose name begins so are the host's own: hidden from tracebacks and positions. */
#define LH_OWN_CHUNK "=[paylink"

typedef enum { LH_TASK_READY, LH_TASK_RUNNING, LH_TASK_SUSPENDED, LH_TASK_ENDED } lh_task_state;

typedef struct lh_task {
    lh_state *state;
    lua_State *L;          /* the task's own coroutine */
    lua_State **active;    /* user coroutines it is inside of, outermost first */
    int active_count, active_capacity;
    uint32_t id, generation;
    lh_task_state status;
    int pending;           /* a host wait is on its way out through the coroutines */
    int closing;           /* being killed: it may neither wait nor spawn */
    int failed, start_arguments;
    int shielded;          /* no limit of computing strikes it: see lh_shield.c */
    int has_room;          /* it may use a little more memory than a script may */
    int lost;              /* its coroutines are in no state to be looked into: see lh_run.c */
    size_t held;           /* bytes charged for what it waits for */
    int announced;         /* the host knows it */
    const void *trace_of;  /* the error value whose inner traceback `trace` is */
    char *trace;
    char *note;            /* the last failed call that the script was told of; once killed: why */
    char *end_code;        /* once killed: the code that joiners see */
    char origin[96];
} lh_task;

typedef struct {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    int started, quit;
    atomic_int parked, firing, awake;
    lh_stuck stuck;        /* NULL: nobody wants to know, or has been told */
    void *stuck_context;
    uint64_t grace_ns, overdue_entry, overdue_ns; /* in which stay in Lua a limit was passed, and when */
} lh_watchdog;

/* Each open file takes a buffer that the script's memory does not count. */
enum { LH_LARGEST_POOLED = 512, LH_MOST_FILES = 128 };

/* What the host keeps for a task, for whatever a task waits for, and at most of a text about a failure. */
enum { LH_TASK_COST = 1024, LH_WAIT_COST = 512, LH_MOST_TEXT = 64 * 1024 };

typedef struct lh_slab lh_slab;
typedef struct lh_cover lh_cover;

/* Small blocks by size class; lives and dies with its state. */
typedef struct {
    void *free[LH_LARGEST_POOLED / 16 + 1];
    uint8_t *fresh, *end;
    lh_slab *slabs;
} lh_pool;

struct lh_state {
    lua_State *L;
    lh_limits limits;
    lh_host_call call;
    void *context;

    lh_pool pool;
    size_t used, peak, overdraft;
    uint64_t allocations;

    lua_State *volatile current;  /* the lua_State that executes, for the alarm signal */
    lh_task *running;             /* never NULL: `none` while no task runs */
    pthread_t owner;
    atomic_int inside;            /* Lua is executing */
    atomic_int alarm;             /* a budget must be looked at */
    atomic_int stop;              /* lh_stop_reason asked for from outside */
    _Atomic uint64_t entered_ns, ran_ns, stretch_ns;
    int sees_discards;            /* whether a caller's instruction can be read: see lh_discard.c */
    atomic_int rested;            /* the host has waited since: a new stretch begins */
    uint64_t instructions;
    int killed;                   /* lh_stop_reason in force */
    int ending;                   /* lua_close is under way */
    int outlives_stops;           /* some tasks are shielded */
    int unwinding;                /* a stop that others outlive is on its way out of its task: its handlers run */
    const char *hidden[3];        /* names of metamethods that no script can write: see lh_events.c */
    int bounced;                  /* the task that yielded goes on at once */
    int leaving;                  /* os.exit was called with `close` */
    uint32_t main_task;           /* the script's own, which was loaded last */
    FILE *files[LH_MOST_FILES];   /* that the script has open */
    int file_count;

    lh_task none;                 /* stands for "no task" while the prelude runs */
    lh_task **tasks;
    uint32_t task_count, task_capacity, free_count;
    uint32_t generation; /* of the last suspension of any task: an old one never fits a slot that was used again */
    int closings;        /* coroutines being closed at this moment, one inside the other */
    uint32_t *free_ids;

    lh_buffer arguments, reply;   /* one call at a time crosses the border */
    lh_buffer reading;            /* the last reply, while it becomes values: see lh_take_reply */
    lh_buffer report;             /* outlives the __close handlers that run after it was written */
    uint32_t operation;
    int reply_mode;
    const uint8_t *reply_bytes;
    size_t reply_count;
    lh_task *reply_from;

    lh_cover *cover; /* NULL: lines are not counted */

    lh_watchdog watchdog;
};

/* Every coroutine inherits the extra space of the main state: it holds the host's state. In one that a script made,
 * the lowest bit is set: the main state and what tasks run on are not for a script to resume, close or look into. */
static inline lh_state *lh_state_of(lua_State *L) {
    return (lh_state *)(*(uintptr_t *)lua_getextraspace(L) & ~(uintptr_t)1);
}
static inline void lh_give_to_script(lua_State *co) { *(uintptr_t *)lua_getextraspace(co) |= 1; }
static inline int lh_is_scripts(lua_State *co) { return *(uintptr_t *)lua_getextraspace(co) & 1; }
static inline lh_task *lh_task_of(lua_State *L) { return lh_state_of(L)->running; }

/* Registry keys (addresses). */
extern const char lh_key_threads, lh_key_box, lh_key_null, lh_key_handle, lh_key_array, lh_key_error;

#endif
