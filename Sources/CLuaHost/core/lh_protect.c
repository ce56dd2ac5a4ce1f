/* pcall and xpcall: as stock, but no stop is survived in them, and a handler that fails is not asked for ever. */
#include "lh_protect.h"
#include "lh_report.h"
#include "lh_shield.h"

/* A call's context: how many values below its results are not for the caller, and this: the call is made by a handler of
 * a task that is being ended while others go on. It may catch what is no stop of its own. */
enum { SKIPPED = 3, IN_HANDLER = 4 };

static lua_KContext context_of(lua_State *L, int skipped) { return skipped | (lh_state_of(L)->unwinding ? IN_HANDLER : 0); }

/* [-n, +m, may raise] after a protected call, at once or once it was suspended */
static int finish_pcall(lua_State *L, int status, lua_KContext context) {
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)(context & SKIPPED);
    if (!lh_may_catch(lh_state_of(L), (context & IN_HANDLER) != 0)) return lua_error(L);
    lh_hide_own_line(L, NULL);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

/* pcall(fn, ...) [-n, +m, may yield] */
int lh_pcall(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    lua_KContext context = context_of(L, 0);
    return finish_pcall(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, context, finish_pcall), context);
}

/* How often a handler is asked about an error of its own. Lua would ask until it is out of C stack. */
enum { MOST_HANDLINGS = 10 };

/* Asks the script's handler, unless a stop is being raised: that comes from inside the hook, where no other
 * hook fires, so a handler that loops could not be ended. [-1, +1] */
static int handle_message(lua_State *L) {
    lua_settop(L, 1);
    lh_hide_own_line(L, L);
    for (int asked = 0; asked < MOST_HANDLINGS; asked++) {
        lua_settop(L, 1);
        if (lh_state_of(L)->killed) return 1;
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_pushvalue(L, 1);
        int status = lua_pcall(L, 1, 1, 0);
        if (status != LUA_ERRRUN) return 1;
        lua_replace(L, 1);
    }
    lua_pushliteral(L, "error in error handling");
    return 1;
}

/* xpcall(fn, handler, ...) [-n, +m, may yield] */
int lh_xpcall(lua_State *L) {
    int count = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, handle_message, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);
    lua_KContext context = context_of(L, 2);
    return finish_pcall(L, lua_pcallk(L, count - 2, LUA_MULTRET, 2, context, finish_pcall), context);
}
