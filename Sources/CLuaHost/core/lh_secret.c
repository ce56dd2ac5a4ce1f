/* Secrets: userdata that stand for values which only the host has. What a secret is made of (plain text and the
 * host's numbers) is its user value, out of a script's reach; it crosses as LH_SECRET and an array of those parts. */
#include "lh_secret.h"
#include "lh_codec.h"

const char lh_key_secret = 0;

/* [-0, +0] */
int lh_is_secret(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_secret);
    int same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* host.make_secret(parts) -> secret [-1, +1, may raise] */
static int make_secret(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_newuserdatauv(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_secret);
    lua_setmetatable(L, -2);
    return 1;
}

/* host.secret_parts(value) -> parts, or nil when it is no secret [-1, +1] */
static int secret_parts(lua_State *L) {
    lua_settop(L, 1);
    if (lh_is_secret(L, 1)) lua_getiuservalue(L, 1, 1);
    else lua_pushnil(L);
    return 1;
}

int lh_open_secret(lua_State *L) {
    lh_new_metatable(L, &lh_key_secret);
    lua_setfield(L, 1, "secret_metatable");
    lua_pushcfunction(L, make_secret);
    lua_setfield(L, 1, "make_secret");
    lua_pushcfunction(L, secret_parts);
    lua_setfield(L, 1, "secret_parts");
    return 0;
}
