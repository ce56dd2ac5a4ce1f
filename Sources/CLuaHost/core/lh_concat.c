/* `..` on values with a __concat metamethod. Lua 5.4.4 keeps a pointer into the stack while the metamethod runs, and
 * uses it afterwards although the stack may have moved: a script can bring the process down so (docs/decisions/0012).
 * The virtual machine therefore never sees a metamethod of `..` return. Under the name by which it looks for one (see
 * lh_events.c), every metatable holds `join`, which suspends its task; Lua then drops the pointer, and lh_resume goes
 * on at once, in `join_now`, with the script's own __concat. */
#include "lh_call.h"
#include "lh_events.h"
#include "lh_limits.h"
#include "lh_report.h"

static const char lh_key_join = 0;

/* A suspension leaves no C call behind that Lua could count, and errors cost the more the deeper they are caught. */
enum { DEEPEST = 5000 };

void lh_push_join(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_join); }

/* The __concat of the operands at 1 and 2. [-0, +1 if there is one] */
static int push_handler(lua_State *L) {
    return luaL_getmetafield(L, 1, "__concat") != LUA_TNIL || luaL_getmetafield(L, 2, "__concat") != LUA_TNIL;
}

/* [-2, +1, may raise] */
static int finish(lua_State *L, int status, lua_KContext context) {
    (void)L, (void)status, (void)context;
    return 1;
}

/* [-0, +1, may raise or yield] operands at 1 and 2 */
static int join_now(lua_State *L, int status, lua_KContext context) {
    if (lh_is_stopping(lh_state_of(L))) lh_raise_stop(L);
    lua_settop(L, 2);
    if (!push_handler(L)) return lh_error(L, "attempt to concatenate a value that has lost its __concat");
    lua_insert(L, 1);
    lua_callk(L, 2, 1, 0, finish);
    return finish(L, status, context);
}

/* [-2, +0, raises] for the operand that no string can be made of */
static int refuse(lua_State *L) {
    int index = lua_isstring(L, 2) ? 1 : 2;
    const char *name = luaL_getmetafield(L, index, "__name") == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, index);
    return lh_error(L, "attempt to concatenate a %s value", name);
}

/* What the virtual machine calls. [-2, +0, yields or raises] */
static int join(lua_State *L) {
    lh_task *task = lh_task_of(L);
    if (!push_handler(L)) return refuse(L);
    lh_tick(L);
    lua_Debug frame;
    if (lua_getstack(L, DEEPEST, &frame)) return lh_error(L, "stack overflow: .. on values with __concat, one within the other");
    if (!task->L || task->closing || !lua_isyieldable(L) || lh_blocked(task))
        return lh_error(L, "a value with __concat cannot be joined here, within a function of C such as table.sort or "
                           "string.gsub, a metamethod that it calls, or the end of a task: use tostring before");
    lua_settop(L, 2);
    task->pending = 1;
    task->state->bounced = 1;
    return lua_yieldk(L, 0, 0, join_now);
}

void lh_open_concat(lua_State *L) {
    lua_pushcfunction(L, join);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lh_key_join);
}
