/* A prompt outlives what is typed at it: its own tasks are shielded, and a stop of computing, which otherwise ends all of
 * a script, ends the one task that it strikes. The host tells nobody of it but who joins that task. */
#include "lh_shield.h"
#include "lh_codec.h"
#include "lh_limits.h"

int lh_spares(lh_state *H, int reason) {
    if (!H->running->shielded) return 0;
    if (reason == LH_STOP_STRETCH) lh_begin_stretch(H); /* it was another's */
    return 1;
}

static void forget_interruption(lh_state *H) {
    int interrupt = LH_STOP_INTERRUPT;
    atomic_compare_exchange_strong(&H->stop, &interrupt, LH_STOP_NONE);
}

static int is_outlived(const lh_state *H, int reason) {
    return H->outlives_stops && (reason == LH_STOP_STRETCH || reason == LH_STOP_INTERRUPT);
}

/* The handlers of the task have a stretch of their own, in which they wait for nothing. */
int lh_unwinds(lh_state *H, int reason) {
    if (!is_outlived(H, reason)) return reason;
    H->unwinding = H->running->closing = 1;
    forget_interruption(H);
    lh_begin_stretch(H);
    return reason;
}

/* Whoever has filled the heap ends, and not what tells of it. */
enum { ROOM = 256 * 1024 };

void lh_give_room(lh_state *H, int gives) { H->overdraft = gives ? ROOM : 0; }

int lh_may_catch(const lh_state *H, int was_unwinding) { return !H->killed || (was_unwinding && H->unwinding); }

void lh_survive(lh_state *H) {
    H->unwinding = 0;
    if (!is_outlived(H, H->killed)) return;
    forget_interruption(H);
    H->killed = LH_STOP_NONE;
    lh_begin_stretch(H);
}

/* The task at an index; the one that runs if there is none. */
static lh_task *task_at(lua_State *L, int index) {
    return lh_is_kind(L, index, &lh_key_handle) ? *(lh_task **)lua_touserdata(L, index) : lh_task_of(L);
}

/* host.shield([task]): no limit of computing strikes the task, or the one that runs, nor anything but its task once one
 * has struck; and memory is left to it. For tasks of the prelude that run nothing of a script's [-0, +0] */
static int shield(lua_State *L) {
    lh_task *task = task_at(L, 1);
    task->shielded = task->has_room = 1;
    lh_state_of(L)->outlives_stops = 1;
    return 0;
}

/* host.room(gives, [task]): whether the task, or the one that runs, has memory left to it when the heap is full [-0, +0] */
static int room(lua_State *L) {
    lh_task *task = task_at(L, 2);
    task->has_room = lua_toboolean(L, 1);
    if (task == lh_task_of(L)) lh_give_room(task->state, task->has_room);
    return 0;
}

/* host.forget_interrupt(): an interruption that was asked for and has struck nobody is not for what comes now [-0, +0] */
static int forget_interrupt(lua_State *L) {
    forget_interruption(lh_state_of(L));
    return 0;
}

/* host.metatable(value) -> its metatable, whatever that says of itself, or nil [-1, +1] */
static int metatable(lua_State *L) {
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1)) lua_pushnil(L);
    return 1;
}

int lh_open_shield(lua_State *L) {
    lua_pushcfunction(L, shield);
    lua_setfield(L, 1, "shield");
    lua_pushcfunction(L, room);
    lua_setfield(L, 1, "room");
    lua_pushcfunction(L, forget_interrupt);
    lua_setfield(L, 1, "forget_interrupt");
    lua_pushcfunction(L, metatable);
    lua_setfield(L, 1, "metatable");
    return 0;
}
