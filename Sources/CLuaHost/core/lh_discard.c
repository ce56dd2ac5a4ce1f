/* Whether a call of the API was a statement, so that nobody can ever look at its results.
 *
 * Lua's public interface does not say how many results a caller wants; the calling instruction does, and the debug
 * record of a function points to it. It (lh_inside.h) is tried on two known calls when a state is opened, and where
 * the answers are wrong, no call counts as discarded. */
#include "lh_inside.h"
#include "lh_report.h"

/* frame: a Lua function that is calling another one. A call has the number of results that it wants, plus 1, in C: as
 * a statement it has 1 there. [-0, +0] */
static int discards(const lua_Debug *frame) {
    const struct lh_call *call = (const void *)frame->i_ci;
    uint32_t instruction = call->next_instruction[-1];
    return lh_op(instruction) == LH_OP_CALL && lh_arg_c(instruction) == 1;
}

/* host.is_discarded() -> whether the script's function that called the API throws the results away; false if C
 * stands between, such as pcall [-0, +1] */
static int is_discarded(lua_State *L) {
    lua_Debug frame;
    int found = 0;
    for (int level = 1; level < 64 && lh_state_of(L)->sees_discards && lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "S", &frame);
        if (*frame.what == 'C') break;
        if (lh_is_own(&frame)) continue;
        found = discards(&frame);
        break;
    }
    lua_pushboolean(L, found);
    return 1;
}

/* Gives whether its caller discards, and leaves it in its upvalue, too: a discarded result cannot be asked for.
 * [-0, +1] */
static int probe(lua_State *L) {
    lua_Debug frame;
    lua_pushboolean(L, lua_getstack(L, 1, &frame) && discards(&frame));
    lua_pushvalue(L, -1);
    lua_replace(L, lua_upvalueindex(1));
    return 1;
}

/* asked() -> what the last call of `probe` found. Upvalue: probe [-0, +1] */
static int asked(lua_State *L) {
    lua_getupvalue(L, lua_upvalueindex(1), 1);
    return 1;
}

int lh_open_discard(lua_State *L) {
    static const char chunk[] = "local probe, asked = ... "
                                "probe() local first = asked() local kept = probe() return first, kept";
    lua_pushcfunction(L, is_discarded);
    lua_setfield(L, 1, "is_discarded");
    if (luaL_loadbufferx(L, chunk, sizeof chunk - 1, "=probe", "t") != LUA_OK) return lua_error(L);
    lua_pushnil(L);
    lua_pushcclosure(L, probe, 1);
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, asked, 1);
    lua_call(L, 2, 2);
    lh_state_of(L)->sees_discards = lua_toboolean(L, -2) && !lua_toboolean(L, -1);
    lua_pop(L, 2);
    return 0;
}
