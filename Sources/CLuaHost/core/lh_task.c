/* Tasks: coroutines that the host resumes, kept alive by the registry while they run and by their handle
 * for their results afterwards. A slot is given back by the host when it has forgotten the task. */
#include <stdlib.h>

#include "lh_task.h"
#include "lh_code.h"
#include "lh_codec.h"
#include "lh_coroutine.h"
#include "lh_limits.h"
#include "lh_memory.h"
#include "lh_report.h"

const char lh_key_threads = 0, lh_key_handle = 0, lh_task_mark = 0;

lh_task *lh_task_find(const lh_state *H, uint32_t id) { return id < H->task_count ? H->tasks[id] : NULL; }

/* Slot 0 is never given out: it means "no task". */
lh_task *lh_task_new(lh_state *H) {
    if (H->free_count == 0 && H->task_count == H->task_capacity) {
        uint32_t capacity = H->task_capacity ? H->task_capacity * 2 : 64;
        lh_task **tasks = realloc(H->tasks, capacity * sizeof *tasks);
        if (!tasks) return NULL;
        H->tasks = tasks;
        uint32_t *ids = realloc(H->free_ids, capacity * sizeof *ids);
        if (!ids) return NULL;
        H->free_ids = ids;
        H->task_capacity = capacity;
    }
    if (!lh_charge(H, LH_TASK_COST)) return NULL;
    lh_task *task = calloc(1, sizeof *task);
    if (!task) {
        lh_uncharge(H, LH_TASK_COST);
        return NULL;
    }
    if (H->task_count == 0) H->tasks[H->task_count++] = NULL;
    task->state = H;
    task->id = H->free_count ? H->free_ids[--H->free_count] : H->task_count++;
    H->tasks[task->id] = task;
    return task;
}

/* What it waited for is over. */
void lh_let_wait_go(lh_task *task) {
    lh_uncharge(task->state, task->held);
    task->held = 0;
}

void lh_task_free(lh_task *task) {
    lh_state *H = task->state;
    H->tasks[task->id] = NULL;
    H->free_ids[H->free_count++] = task->id;
    lh_let_wait_go(task);
    lh_uncharge(H, LH_TASK_COST);
    free(task->active);
    lh_drop_text(H, task->trace);
    lh_drop_text(H, task->note);
    lh_drop_text(H, task->end_code);
    free(task);
}

void lh_release(lh_state *H, uint32_t id) {
    lh_task *task = lh_task_find(H, id);
    if (task && task->status == LH_TASK_ENDED) lh_task_free(task);
}

const char *lh_task_origin(const lh_state *H, uint32_t id) {
    lh_task *task = lh_task_find(H, id);
    return task ? task->origin : "";
}

/* Registers the coroutine on L's top as `task`'s. [-1, +0, may raise] */
static void anchor(lua_State *L, lh_task *task) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_threads);
    lua_insert(L, -2);
    lua_rawseti(L, -2, task->id);
    lua_pop(L, 1);
}

/* [-0, +0] setting an existing integer key to nil allocates nothing */
static void unanchor(lh_task *task) {
    lua_State *L = task->state->L;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_threads);
    lua_pushnil(L);
    lua_rawseti(L, -2, task->id);
    lua_pop(L, 1);
}

/* The handle was collected: the host may forget the task. [-0, +0] */
static int handle_gc(lua_State *L) {
    lh_task *task = *(lh_task **)lua_touserdata(L, 1); /* scripts cannot reach this function: no debug library */
    lh_state *H = lh_state_of(L);
    *(lh_task **)lua_touserdata(L, 1) = NULL; /* a weak key may bring the handle back once more */
    if (!task || H->ending) return 0;
    if (task->announced) H->call(H->context, LH_COLLECTED, task->id, NULL, 0, NULL);
    else lh_task_free(task);
    return 0;
}

/* host.spawn(fn, ...) -> handle [-n, +1, may raise] */
static int spawn(lua_State *L) {
    lh_task *parent = lh_task_of(L);
    lh_state *H = parent->state;
    if (!parent->L) return lh_error(L, "task.spawn cannot be used here: no task is running");
    if (parent->closing) return lh_error(L, "task.spawn cannot be used while a task is being ended");
    luaL_checktype(L, 1, LUA_TFUNCTION);
    int count = lua_gettop(L);
    lh_task **cell = lua_newuserdatauv(L, sizeof *cell, 1);
    *cell = NULL;
    lua_insert(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_handle);
    lua_setmetatable(L, 1);
    const char *where = lh_where(L);
    lua_State *T = lua_newthread(L);
    lh_task *task = lh_task_new(H);
    if (!task) {
        lua_gc(L, LUA_GCCOLLECT, 0); /* tasks that nobody can join any more */
        task = lh_task_new(H);
    }
    if (!task) return lh_error(L, "not enough memory");
    *cell = task;
    task->L = T;
    task->start_arguments = count - 1;
    size_t length = strlen(where);
    if (length > 2) length -= 2; /* without the ": " */
    if (length >= sizeof task->origin) where += length - sizeof task->origin + 1, length = sizeof task->origin - 1;
    memcpy(task->origin, where, length);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, 1);
    anchor(L, task);
    lua_pop(L, 1); /* where */
    if (!lua_checkstack(T, count + 2)) return lh_error(L, "not enough memory");
    lua_pushlightuserdata(T, (void *)&lh_task_mark);
    lua_xmove(L, T, count);
    task->announced = 1;
    uint8_t cell_id[9];
    uint64_t id = task->id;
    cell_id[0] = LH_INTEGER;
    memcpy(cell_id + 1, &id, 8);
    if (H->call(H->context, LH_SPAWNED, parent->id, cell_id, sizeof cell_id, NULL) == LH_RAISE) {
        task->announced = 0;
        return lh_error(L, "task.spawn: tasks are nested too deep: a task owns what it spawns until that has ended; use a loop");
    }
    return 1;
}

/* host.is_closing() -> whether `<close>` handlers run because the task, or its coroutine, is ended from outside [-0, +1] */
static int is_closing(lua_State *L) {
    lua_pushboolean(L, lh_task_of(L)->closing);
    return 1;
}

/* host.task_id() -> the number of the task that runs [-0, +1] */
static int task_id(lua_State *L) {
    lua_pushinteger(L, lh_task_of(L)->id);
    return 1;
}

/* host.join_failed(handle) -> whether the task ended without results [-1, +1] */
static int join_failed(lua_State *L) {
    lh_task *task = *(lh_task **)lua_touserdata(L, 1); /* only the prelude calls it, with a handle */
    lua_pushboolean(L, !task || task->failed);
    return 1;
}

int lh_open_task(lua_State *L) {
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lh_key_threads);
    lh_new_metatable(L, &lh_key_handle);
    lua_pushcfunction(L, handle_gc);
    lua_setfield(L, -2, "__gc"); /* lh_close_events hides it, and handle_gc with it */
    lua_setfield(L, 1, "handle_metatable");
    lua_pushcfunction(L, spawn);
    lua_setfield(L, 1, "spawn");
    lua_pushcfunction(L, is_closing);
    lua_setfield(L, 1, "is_closing");
    lua_pushcfunction(L, task_id);
    lua_setfield(L, 1, "task_id");
    lua_pushcfunction(L, join_failed);
    lua_setfield(L, 1, "join_failed");
    return 0;
}

typedef struct {
    const char *source, *chunk;
    size_t count;
    const uint8_t *arguments;
    size_t argument_count;
    lh_task *task;
} load_request;

/* [-1, +0, may raise] runs under lua_pcall */
static int load_protected(lua_State *L) {
    load_request *request = lua_touserdata(L, 1);
    lh_state *H = lh_state_of(L);
    lua_State *T = lua_newthread(L);
    if (lh_compile(L, request->source, request->count, request->chunk) != LUA_OK) return lua_error(L);
    int count = 0;
    if (strncmp(request->chunk, LH_OWN_CHUNK, sizeof LH_OWN_CHUNK - 1) == 0) { /* one of ours gets the host table first */
        lh_set_environment(L);
        lh_push_host(L);
        count++;
    }
    count += lh_decode(L, request->arguments, request->argument_count);
    lh_task *task = lh_task_new(H);
    if (!task) return lh_error(L, "not enough memory");
    request->task = task;
    task->L = T;
    task->announced = 1;
    task->start_arguments = count;
    lua_pushvalue(L, 2);
    anchor(L, task);
    if (!lua_checkstack(T, count + 2)) return lh_error(L, "not enough memory");
    lua_pushlightuserdata(T, (void *)&lh_task_mark);
    lua_xmove(L, T, count + 1);
    return 0;
}

lh_outcome lh_load(lh_state *H, const char *source, size_t count, const char *chunk, const uint8_t *arguments,
                   size_t argument_count) {
    lh_outcome outcome = {0};
    load_request request = {source, chunk, count, arguments, argument_count, NULL};
    lua_State *L = H->L;
    lh_rest(H); /* a script's first stretch begins here, whatever ran before */
    lh_enter(H, L);
    lua_pushcfunction(L, load_protected);
    lua_pushlightuserdata(L, &request);
    int status = lua_pcall(L, 1, 0, 0);
    if (status == LUA_OK) outcome.task = H->main_task = request.task->id;
    else lh_report(H, L, NULL, &outcome);
    lua_settop(L, 0);
    lh_leave(H);
    if (status != LUA_OK && request.task) lh_task_free(request.task);
    return outcome;
}

void lh_task_end(lh_task *task) {
    task->status = LH_TASK_ENDED;
    unanchor(task);
}
