/* Resuming and ending tasks. Lua ends the process when an error finds no protected call around it, such as one for
 * want of memory between two coroutines: so all of this runs within one of the main state, where such an error lands
 * in the end. Its task is lost then; the host is told, and the others go on. */
#include <stdlib.h>

#include "lh_call.h"
#include "lh_coroutine.h"
#include "lh_limits.h"
#include "lh_memory.h"
#include "lh_report.h"
#include "lh_shield.h"
#include "lh_task.h"

typedef struct {
    lh_task *task;
    lh_outcome *outcome; /* NULL when a task is ended */
} run_request;

/* From the inmost coroutine outwards, so that every pending __close handler runs. After a stop nothing of the script
 * runs any more: its coroutines are dropped as they are. [-0, +0, may raise] */
static void close_all(lh_state *H, lh_task *task) {
    lh_task *was_running = H->running;
    H->running = task;
    while (!lh_is_stopping(H) && task->active_count > 0) lh_reset(task->L, task->active[--task->active_count]);
    if (!lh_is_stopping(H)) {
        lh_reset(task->L, task->L);
        lua_settop(task->L, 0);
    }
    H->running = was_running;
}

/* The script asked for its end by os.exit with `close`: as stock Lua closes its state, handlers of the task that
 * called, and of the script's main one, still run. [-0, +0, may raise] */
static void leave(lua_State *L, lh_state *H, lh_task *task, lh_outcome *outcome) {
    char text[160];
    lh_task *main = lh_task_find(H, H->main_task);
    close_all(H, task);
    if (main && main != task && main->status == LH_TASK_SUSPENDED) {
        close_all(H, main);
        main->failed = 1;
        lh_task_end(main);
    }
    if (!H->killed) H->killed = LH_STOP_EXIT;
    task->failed = 1;
    lh_task_end(task);
    lh_stop_text(H, text, sizeof text);
    lua_pushstring(L, text);
    lh_report(H, L, NULL, outcome);
}

/* [-1, +0, may raise] */
static int resume_protected(lua_State *L) {
    run_request *request = lua_touserdata(L, 1);
    lh_task *task = request->task;
    lh_outcome *outcome = request->outcome;
    lh_state *H = task->state;
    int results = 0;
    int status = lua_resume(task->L, L, task->generation == 0 ? task->start_arguments : 0, &results);
    while (status == LUA_YIELD && H->bounced) {
        H->bounced = task->pending = 0;
        status = lua_resume(task->L, L, 0, &results);
    }
    if (status == LUA_YIELD && H->leaving) {
        leave(L, H, task, outcome);
    } else if (status == LUA_YIELD && task->pending) {
        outcome->status = LH_WAITING;
        task->status = LH_TASK_SUSPENDED;
        outcome->operation = H->operation;
        outcome->generation = task->generation = ++H->generation;
        outcome->bytes = H->arguments.bytes;
        outcome->count = H->arguments.count;
    } else if (status == LUA_OK) {
        outcome->status = LH_FINISHED;
        lh_task_end(task);
    } else {
        task->failed = 1;
        task->closing = 1; /* what the report runs, such as a __tostring, can wait no more */
        lh_report(H, task->L, task, outcome);
        lh_survive(H);
        if (!H->killed) lh_reset(task->L, task->L); /* its pending __close handlers run; the error value stays on its stack */
        lh_task_end(task);
    }
    return 0;
}

/* [-1, +0, may raise] */
static int kill_protected(lua_State *L) {
    run_request *request = lua_touserdata(L, 1);
    close_all(request->task->state, request->task);
    return 0;
}

/* What is left of a task whose error found no protected call of its own: nothing looks into its coroutines any more.
 * The error is on the main state's top. [-1, +0] */
static void abandon(lh_state *H, run_request *request) {
    lh_task *task = request->task;
    task->lost = task->failed = 1;
    task->active_count = 0;
    H->closings = 0;
    lh_task_end(task);
    if (request->outcome) lh_report(H, H->L, NULL, request->outcome);
}

static void run(lh_state *H, lua_CFunction protected, run_request *request) {
    lh_give_room(H, request->task->has_room);
    lh_enter(H, request->task->L);
    lua_pushcfunction(H->L, protected);
    lua_pushlightuserdata(H->L, request);
    if (lua_pcall(H->L, 1, 0, 0) != LUA_OK) abandon(H, request);
    lh_survive(H); /* a stop within `<close>` handlers */
    lua_settop(H->L, 0);
    lh_give_room(H, 0);
    lh_leave(H);
    H->running = &H->none;
}

lh_outcome lh_resume(lh_state *H, uint32_t id, uint32_t generation, int mode, const uint8_t *bytes, size_t count,
                     uint32_t from) {
    lh_outcome outcome = {.status = LH_STALE, .task = id};
    lh_task *task = lh_task_find(H, id);
    if (!task || task->generation != generation) return outcome;
    if (task->status != LH_TASK_READY && task->status != LH_TASK_SUSPENDED) return outcome;
    lh_let_wait_go(task);
    H->reply_mode = mode;
    H->reply_bytes = bytes;
    H->reply_count = count;
    if (bytes && bytes == H->reply.bytes) lh_take_reply(H); /* its bytes stay where they are */
    H->reply_from = mode == LH_RESUME_RESULTS ? lh_task_find(H, from) : NULL;
    task->status = LH_TASK_RUNNING;
    task->pending = H->bounced = 0;
    H->running = task;
    run(H, resume_protected, &(run_request){task, &outcome});
    outcome.stopped = H->killed;
    return outcome;
}

/* A task whose function returned keeps its results, but who joins it learns that it did not end well. */
void lh_kill(lh_state *H, uint32_t id, const char *code, const char *message) {
    lh_task *task = lh_task_find(H, id);
    if (!task || task->status == LH_TASK_RUNNING || task->failed) return;
    if (task->status != LH_TASK_ENDED) {
        run(H, kill_protected, &(run_request){task, NULL});
        lh_let_wait_go(task);
        if (!task->lost) lh_task_end(task);
    }
    task->failed = 1;
    task->end_code = lh_copy_text(H, code, strlen(code));
    lh_drop_text(H, task->note);
    task->note = lh_copy_text(H, message, lh_kept_length(message, strlen(message)));
}
