/* What the C files of the host share: the state, its tasks, and the functions that may raise.
 * Nothing here is visible to Swift. */
#ifndef LH_INTERNAL_H
#define LH_INTERNAL_H

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

/* lh_memory.c */
void *lh_allocate(void *context, void *block, size_t old_size, size_t new_size);
void lh_pool_close(lh_pool *pool);
void lh_charge_or_raise(lua_State *L, size_t bytes); /* [-0, +0, may raise] after a collection if need be */
/* How much of a text is kept: it is cut between two characters where it is longer than LH_MOST_TEXT. */
size_t lh_kept_length(const char *text, size_t count);
/* A copy in the script's memory; NULL: there is not so much left. */
char *lh_copy_text(lh_state *H, const char *text, size_t count);
void lh_drop_text(lh_state *H, char *text);

/* lh_limits.c */
int lh_watchdog_start(lh_state *H);
void lh_watchdog_end(lh_state *H);
void lh_enter(lh_state *H, lua_State *L);
void lh_leave(lh_state *H);
void lh_arm(lh_state *H, lua_State *L);    /* before a coroutine runs: sets the hook it needs */
void lh_check(lua_State *L);               /* [-0, +0, may raise] raises when a budget is spent */
void lh_raise_stop(lua_State *L);          /* [-0, +1, raises] */
void lh_stop_text(const lh_state *H, char *text, size_t size); /* why `killed` is set, in words */
static inline void lh_tick(lua_State *L) { /* [-0, +0, may raise] */
    if (atomic_load_explicit(&lh_state_of(L)->alarm, memory_order_relaxed)) lh_check(L);
}

/* lh_codec.c */
void lh_encode(lua_State *L, int first, int last, lh_buffer *out);                  /* [-0, +0, may raise] */
int lh_decode(lua_State *L, const uint8_t *bytes, size_t count);                    /* [-0, +n, may raise] */
/* Rows of a table file (LH_RECORDS): see lh_records.c. [-0, +1, may raise] */
const uint8_t *lh_push_records(lua_State *L, const uint8_t *bytes, const uint8_t *end);
void lh_new_metatable(lua_State *L, const void *key); /* [-0, +1, may raise] registered at the key */
void lh_push_box(lua_State *L, int64_t value);                                      /* [-0, +1, may raise] */
void lh_push_null(lua_State *L);                                                    /* [-0, +1] the one json.null */
/* Whether a value is a userdata with the metatable registered at `key`. [-0, +0] */
int lh_is_kind(lua_State *L, int index, const void *key);
/* How many entries a table has, and whether their keys are just 1..n, or it is marked as an array. index > 0
 * [-0, +0, may raise] */
int lh_is_array(lua_State *L, int index, uint32_t *count);
int lh_open_codec(lua_State *L);                                                    /* [-0, +0, may raise] host table at 1 */

/* lh_task.c */
lh_task *lh_task_new(lh_state *H);                 /* NULL: no memory */
void lh_task_free(lh_task *task);
lh_task *lh_task_find(const lh_state *H, uint32_t id);
void lh_let_wait_go(lh_task *task);                /* what it waited for is over: uncharged */
void lh_task_end(lh_task *task);                   /* [-0, +0] on the main state */
void lh_push_host(lua_State *L);                   /* [-0, +1] */
/* Gives a chunk of the prelude, on the top, the environment that host.prelude_environment is: the standard functions as they
 * were before the script ran. [-0, +0, may raise] */
void lh_set_environment(lua_State *L);
int lh_open_task(lua_State *L);                    /* [-0, +0, may raise] host table at 1 */
int lh_open_secret(lua_State *L);                  /* [-0, +0, may raise] host table at 1 */
int lh_is_secret(lua_State *L, int index);         /* [-0, +0] */

/* lh_events.c, lh_concat.c */
enum { LH_EVENT_CONCAT, LH_EVENT_GC, LH_EVENT_MODE, LH_EVENTS };
int lh_open_events(lua_State *L);                  /* [-0, +0, may raise] before any metatable is made */
void lh_close_events(lua_State *L);                /* [-0, +0, may raise] once every finalizer of ours is in its place */
void lh_push_join(lua_State *L);                   /* [-0, +1] */
void lh_open_concat(lua_State *L);                 /* [-0, +0, may raise] */
/* For every table that C makes a metatable, before it is one; index > 0. The second for one of another type's values,
 * whose `..` stays Lua's own. [-0, +0, may raise] */
void lh_guard_metatable(lua_State *L, int index);
void lh_mark_metatable(lua_State *L, int index);
void lh_check_metatable(lua_State *L, int table, int metatable); /* [-0, +n, may raise] the same for a script's */
int lh_next(lua_State *L, int index);              /* lua_next without what a script must not see; index > 0 */

/* lh_panic.c */
int lh_open_panic(lua_State *L);                   /* [-0, +0, may raise] */

/* lh_inside.c */
int lh_open_inside(lua_State *L);                  /* [-0, +0, may raise] */

/* lh_code.c */
enum { LH_LARGEST_FILE = 16 << 20, LH_LARGEST_LOAD = 4 << 20 }; /* bytes of a script or module; of what load takes */
int lh_compile(lua_State *L, const char *text, size_t count, const char *chunk); /* [-0, +1, may raise] a status */
int lh_load_function(lua_State *L);                /* `load`: [-n, +1 or 2, may raise] */
int lh_open_code(lua_State *L);                    /* [-0, +0, may raise] host table at 1 */

int lh_open_file(lua_State *L);                    /* [-0, +0, may raise] host table at 1 */
void lh_open_file_methods(lua_State *L);            /* [-0, +0, may raise] once the stock library is there */
void lh_close_files(lh_state *H);                  /* those that no handle could close any more */

/* lh_call.c */
const lh_buffer *lh_take_reply(lh_state *H); /* [-0, +0] what the host replied, where no other call writes over it */
lua_State *lh_blocked(const lh_task *task); /* [-0, +0] which of its coroutines cannot be suspended; or NULL */
int lh_finish_wait(lua_State *L, int status, lua_KContext context); /* [-0, +n, may raise] */
void lh_push_operation(lua_State *L, const char *shown, uint32_t operation, int waits); /* [-0, +1, may raise] */

/* lh_protect.c, lh_coroutine.c, lh_base.c */
int lh_pcall(lua_State *L);          /* pcall(fn, ...) [-n, +m, may yield] */
int lh_xpcall(lua_State *L);         /* xpcall(fn, handler, ...) [-n, +m, may yield] */
int lh_open_coroutine(lua_State *L); /* [-0, +1, may raise] */
/* Closes a coroutine from within the running task; its handlers may not wait. Gives lua_resetthread's status. */
int lh_reset(lua_State *L, lua_State *co); /* [-0, +0] */
int lh_open_base(lua_State *L);      /* [-0, +0, may raise] host table at 1 */
extern const char lh_task_mark;      /* a light userdata at the bottom of every task's own stack */

/* lh_discard.c, lh_describe.c */
int lh_open_discard(lua_State *L);            /* [-0, +0, may raise] host table at 1 */
int lh_push_fields(lua_State *L, int index);  /* [-0, +0 or 1, may raise] a table's scalar fields, if it has any; index > 0 */

/* lh_money.c, lh_duration.c, lh_json_read.c, lh_json_write.c: what needs no host */
int lh_open_money(lua_State *L);      /* [-0, +0, may raise] host table at 1 */
int lh_open_duration(lua_State *L);   /* [-0, +0, may raise] host table at 1 */
int lh_open_json_read(lua_State *L);  /* [-0, +0, may raise] host table at 1 */
int lh_open_json_write(lua_State *L); /* [-0, +0, may raise] host table at 1 */

/* lh_keep.c */
int lh_open_keep(lua_State *L);       /* [-0, +0, may raise] host table at 1 */

/* lh_report.c */
int lh_open_report(lua_State *L);                            /* [-0, +0, may raise] host table at 1 */
int lh_is_own(const lua_Debug *frame);                       /* [-0, +0] one of the prelude's */
const char *lh_where(lua_State *L);                          /* [-0, +1, may raise] "script.lua:12: " or "" */
/* The error on the top of L names a line of the prelude, since that called what the script gave it and C raised: the
 * script's nearest line of `of` takes its place, or nothing where `of` is NULL. [-0, +0, may raise] */
void lh_hide_own_line(lua_State *L, lua_State *of);
int lh_error(lua_State *L, const char *format, ...);         /* [raises] positioned at the script's line */
void lh_push_traceback(lua_State *L, lua_State *of, int first); /* [-0, +1, may raise] from that level outwards */
void lh_remember_trace(lua_State *L, lua_State *co, lh_task *task); /* [-0, +0, may raise] error value on co's top */
void lh_report(lh_state *H, lua_State *of, lh_task *task, lh_outcome *outcome);

#endif
