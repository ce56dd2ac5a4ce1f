/* The script's coroutine library. It differs from the stock one in a single thing: a host call that waits
 * inside a coroutine passes through it to the host and comes back, as if the coroutine were not there. */
#include <stdlib.h>

#include "lh_coroutine.h"
#include "lh_inside.h"
#include "lh_limits.h"
#include "lh_report.h"
#include "lh_shield.h"

/* [-0, +0, may raise] */
static lua_State *check_coroutine(lua_State *L, int index) {
    lua_State *co = lua_tothread(L, index);
    luaL_argexpected(L, co, index, "coroutine");
    return co;
}

/* [-0, +0, may raise] */
static void push_active(lua_State *L, lh_task *task, lua_State *co) {
    if (task->active_count == task->active_capacity) {
        int capacity = task->active_capacity ? task->active_capacity * 2 : 4;
        lua_State **active = realloc(task->active, (size_t)capacity * sizeof *active);
        if (!active) lh_error(L, "not enough memory");
        task->active = active;
        task->active_capacity = capacity;
    }
    task->active[task->active_count++] = co;
}

typedef enum { DEAD, SUSPENDED, NORMAL, RUNNING } coroutine_state;

static int co_yield(lua_State *L);

/* Whether `co` stopped in coroutine.yield rather than in a host wait, which only the host may end. [-0, +0] */
static int yielded(lua_State *co) {
    lua_Debug frame;
    if (!lua_checkstack(co, 1) || !lua_getstack(co, 0, &frame)) return 0;
    lua_getinfo(co, "f", &frame);
    int is_yield = lua_tocfunction(co, -1) == co_yield;
    lua_pop(co, 1);
    return is_yield;
}

/* What a task runs on is never for a script to resume or close, not even when the task has ended: joiners read its
 * results and its error there. */
static coroutine_state state_of(lua_State *L, lua_State *co) {
    if (L == co) return RUNNING;
    if (!lh_is_scripts(co)) return NORMAL;
    switch (lua_status(co)) {
    case LUA_YIELD: return yielded(co) ? SUSPENDED : NORMAL;
    case LUA_OK: {
        lua_Debug frame;
        if (lua_getstack(co, 0, &frame)) return NORMAL;
        return lua_gettop(co) == 0 ? DEAD : SUSPENDED;
    }
    default: return DEAD;
    }
}

/* Within each of them Lua counts its C calls, but not the one that closes. */
enum { MAX_CLOSINGS = 16 };

int lh_reset(lua_State *L, lua_State *co) {
    lh_task *task = lh_task_of(L);
    lh_state *H = lh_state_of(L);
    int was_closing = task->closing;
    lua_State *was_current = H->current;
    task->closing = 1;
    H->current = co;
    lh_arm(H, co);
    H->closings += 1;
    lh_forget_calls(L, co);
    int status = lua_resetthread(co);
    H->closings -= 1;
    H->current = was_current;
    task->closing = was_closing;
    return status;
}

enum { WRAPPED = 1 << 16, PASSED_ON = -1, FAILED = -2 };

/* Runs `co` with the `count` values on its top: how many it gave (moved to L), FAILED with the error value on
 * L, or PASSED_ON when a host wait is under way. [-0, +n, may raise] */
static int run(lua_State *L, lua_State *co, int count) {
    lh_task *task = lh_task_of(L);
    lh_state *H = task->state;
    lh_arm(H, co);
    H->current = co;
    int results = 0, was_unwinding = H->unwinding;
    int status = lua_resume(co, L, count, &results);
    H->current = L;
    lh_arm(H, L);
    if (status == LUA_YIELD && task->pending) return PASSED_ON;
    task->active_count -= 1;
    if (status == LUA_OK || status == LUA_YIELD) {
        if (!lua_checkstack(L, results + 1)) {
            lua_pop(co, results);
            lua_pushliteral(L, "too many results to resume");
            return FAILED;
        }
        lua_xmove(co, L, results);
        return results;
    }
    if (!lh_may_catch(H, was_unwinding)) {
        if (H->unwinding && H->closings < MAX_CLOSINGS) lh_reset(L, co);
        lua_xmove(co, L, 1);
        lua_error(L); /* nothing in a script survives a stop */
    }
    lh_remember_trace(L, co, task);
    lua_xmove(co, L, 1);
    lh_hide_own_line(L, co);
    return FAILED;
}

static int go_on(lua_State *L, int status, lua_KContext context);

/* Ends resume or wrap after `run`. [-0, +n, may raise or yield] */
static int conclude(lua_State *L, lua_State *co, int count, lua_KContext context) {
    if (count == PASSED_ON) return lua_yieldk(L, 0, context, go_on);
    if (!(context & WRAPPED)) {
        lua_pushboolean(L, count != FAILED);
        lua_insert(L, count == FAILED ? -2 : -(count + 1));
        return count == FAILED ? 2 : count + 1;
    }
    if (count != FAILED) return count;
    if (lua_status(co) != LUA_OK && lua_status(co) != LUA_YIELD && lh_state_of(L)->closings < MAX_CLOSINGS) {
        int was_unwinding = lh_state_of(L)->unwinding;
        lh_reset(L, co); /* runs its __close handlers, of which one may have an error of its own */
        if (!lh_may_catch(lh_state_of(L), was_unwinding)) lh_raise_stop(L);
        lua_xmove(co, L, 1);
    }
    return lua_error(L);
}

/* [-0, +n, may raise or yield] */
static int go_on(lua_State *L, int status, lua_KContext context) {
    (void)status;
    lua_State *co = lua_tothread(L, context & WRAPPED ? lua_upvalueindex(1) : 1);
    return conclude(L, co, run(L, co, 0), context);
}

/* [-n, +m, may raise or yield] */
static int start(lua_State *L, lua_State *co, int count, lua_KContext context) {
    lh_tick(L);
    coroutine_state state = state_of(L, co);
    const char *problem = NULL;
    if (state != SUSPENDED)
        problem = state == DEAD ? "cannot resume dead coroutine" : "cannot resume non-suspended coroutine";
    else if (!lua_checkstack(co, count + 1)) problem = "too many arguments to resume";
    if (problem) {
        lua_pushstring(L, problem);
        if (context & WRAPPED) {
            luaL_where(L, 1);
            lua_insert(L, -2);
            lua_concat(L, 2);
        }
        return conclude(L, co, FAILED, context);
    }
    push_active(L, lh_task_of(L), co);
    lua_xmove(L, co, count);
    return conclude(L, co, run(L, co, count), context);
}

/* coroutine.resume(co, ...) [-n, +m, may raise or yield] */
static int co_resume(lua_State *L) {
    lua_State *co = check_coroutine(L, 1);
    return start(L, co, lua_gettop(L) - 1, 0);
}

/* the function that coroutine.wrap returns [-n, +m, may raise or yield] */
static int co_call(lua_State *L) {
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    return start(L, co, lua_gettop(L), WRAPPED);
}

/* coroutine.create(fn) [-1, +1, may raise] */
static int co_create(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lh_give_to_script(co);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

/* coroutine.wrap(fn) [-1, +1, may raise] */
static int co_wrap(lua_State *L) {
    co_create(L);
    lua_pushcclosure(L, co_call, 1);
    return 1;
}

/* coroutine.yield(...) [-n, +m, yields or raises] */
static int co_yield(lua_State *L) {
    lh_task *task = lh_task_of(L);
    if (L == task->L || !task->L) return lh_error(L, "coroutine.yield outside a coroutine (to wait, use sleep or task)");
    if (task->closing) return lh_error(L, "coroutine.yield: the task is being ended");
    return lua_yield(L, lua_gettop(L));
}

/* coroutine.status(co) [-1, +1, may raise] */
static int co_status(lua_State *L) {
    static const char *const names[] = {"dead", "suspended", "normal", "running"};
    lua_pushstring(L, names[state_of(L, check_coroutine(L, 1))]);
    return 1;
}

/* coroutine.isyieldable([co]) [-n, +1, may raise] */
static int co_isyieldable(lua_State *L) {
    lua_State *co = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    lua_pushboolean(L, co != lh_task_of(L)->L && lua_isyieldable(co));
    return 1;
}

/* coroutine.running() -> co, whether it is the task itself [-0, +2] */
static int co_running(lua_State *L) {
    lua_pushthread(L);
    lua_pushboolean(L, L == lh_task_of(L)->L);
    return 2;
}

/* coroutine.close(co) [-1, +1 or 2, may raise] */
static int co_close(lua_State *L) {
    lua_State *co = check_coroutine(L, 1);
    coroutine_state state = state_of(L, co);
    if (state == NORMAL || state == RUNNING)
        return luaL_error(L, "cannot close a %s coroutine", state == NORMAL ? "normal" : "running");
    if (lh_state_of(L)->closings >= MAX_CLOSINGS)
        return lh_error(L, "C stack overflow: coroutines close one another more than %d deep", MAX_CLOSINGS);
    int was_unwinding = lh_state_of(L)->unwinding, status = lh_reset(L, co);
    if (!lh_may_catch(lh_state_of(L), was_unwinding)) lh_raise_stop(L);
    lua_pushboolean(L, status == LUA_OK);
    if (status == LUA_OK) return 1;
    lua_xmove(co, L, 1);
    return 2;
}

int lh_open_coroutine(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"create", co_create}, {"wrap", co_wrap},       {"resume", co_resume},
        {"yield", co_yield},   {"status", co_status},   {"isyieldable", co_isyieldable},
        {"close", co_close},   {"running", co_running}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
