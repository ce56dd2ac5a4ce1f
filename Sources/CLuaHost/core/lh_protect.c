/* pcall and xpcall: as stock, but no stop is survived in them, and a handler that fails is not asked for ever. */
#include "lh_protect.h"
#include "lh_report.h"

/* [-n, +m, may raise] after a protected call, at once or once it was suspended */
static int finish_pcall(lua_State *L, int status, lua_KContext skipped) {
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)skipped;
    if (lh_state_of(L)->killed) return lua_error(L);
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
    return finish_pcall(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall), 0);
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
    return finish_pcall(L, lua_pcallk(L, count - 2, LUA_MULTRET, 2, 2, finish_pcall), 2);
}
