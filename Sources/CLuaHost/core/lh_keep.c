/* What the host keeps open for an iterator (a table file, waits), and lets go of at its end, or when nothing of the
 * script holds the iterator any more. Iterators are given without Lua's fourth value, the one that a loop closes: Lua
 * 5.4.4 does not close it in every case. */
#include "lh_keep.h"
#include "lh_codec.h"
#include "lh_memory.h"

static const char lh_key_keep = 0;

typedef struct {
    uint32_t operation; /* that lets go; 0: it has been called */
    int64_t id;
} keep;

/* [-0, +0] The operation gives nothing back, and what it might write goes nowhere: a collection may come while another
 * reply is being read. */
static void let_go(lh_state *H, keep *kept) {
    uint8_t argument[9] = {LH_INTEGER};
    lh_buffer nowhere = {.owner = H};
    uint32_t operation = kept->operation;
    if (!operation) return;
    kept->operation = 0;
    memcpy(argument + 1, &kept->id, sizeof kept->id);
    H->call(H->context, operation, 0, argument, sizeof argument, &nowhere);
    lh_allocate(H, nowhere.bytes, nowhere.capacity, 0);
}

/* [-1, +0] scripts can reach neither this function nor what it is given */
static int collected(lua_State *L) {
    lh_state *H = lh_state_of(L);
    if (!H->ending) let_go(H, lua_touserdata(L, 1));
    return 0;
}

/* host.keep(operation, id) -> what holds it; the operation, one of the host's, gets the id [-2, +1, may raise] */
static int keep_open(lua_State *L) {
    lua_Integer id = luaL_checkinteger(L, 2);
    luaL_argcheck(L, lua_iscfunction(L, 1) && lua_getupvalue(L, 1, 1), 1, "an operation of the host");
    keep *kept = lua_newuserdatauv(L, sizeof *kept, 0);
    kept->operation = (uint32_t)lua_tointeger(L, -2);
    kept->id = id;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_keep);
    lua_setmetatable(L, -2);
    return 1;
}

/* host.let_go(held) [-1, +0] only the prelude has such a value */
static int let_go_now(lua_State *L) {
    if (lh_is_kind(L, 1, &lh_key_keep)) let_go(lh_state_of(L), lua_touserdata(L, 1));
    return 0;
}

int lh_open_keep(lua_State *L) {
    lua_newtable(L); /* this metatable stays out of Lua's sight */
    lua_pushcfunction(L, collected);
    lua_setfield(L, -2, "__gc");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lh_key_keep);
    lua_pushcfunction(L, keep_open);
    lua_setfield(L, 1, "keep");
    lua_pushcfunction(L, let_go_now);
    lua_setfield(L, 1, "let_go");
    return 0;
}
