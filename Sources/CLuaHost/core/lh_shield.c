/* A prompt outlives what is typed at it: its own tasks are shielded, and a stop of computing, which otherwise ends all of
 * a script, ends the one task that it strikes. The host tells nobody of it but who joins that task. */
#include "lh_shield.h"
#include "lh_limits.h"

/* host.shield(): no limit of computing strikes the task that runs, nor anything but its task once one has struck. For
 * tasks of the prelude that run nothing of a script's [-0, +0] */
static int shield(lua_State *L) {
    lh_task_of(L)->shielded = 1;
    lh_state_of(L)->outlives_stops = 1;
    return 0;
}

/* host.forget_interrupt(): an interruption that was asked for and has struck nobody is not for what comes now [-0, +0] */
static int forget_interrupt(lua_State *L) {
    lh_forget_interrupt(lh_state_of(L));
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
    lua_pushcfunction(L, forget_interrupt);
    lua_setfield(L, 1, "forget_interrupt");
    lua_pushcfunction(L, metatable);
    lua_setfield(L, 1, "metatable");
    return 0;
}
