/* Three of the names by which the virtual machine looks for metamethods are out of a script's reach: `..` with a
 * metamethod, finalizers, and weak tables, none of which 5.4.4 can leave to any script. Each is one interned string;
 * with other letters no script can name it. One that writes "__gc" gets a string of its own, which means nothing to
 * Lua, whatever table it stands in and however it got there; "__concat" and "__mode" are looked at by us. */
#include "lh_events.h"
#include "lh_report.h"

static const char *const names[LH_EVENTS] = {"__concat", "__gc", "__mode"};
static const char keys[LH_EVENTS] = {0};

/* Gives the string of an event other letters. What was set under the old name keeps working: the string is the same.
 * The rest of the name stays, since tracebacks show it. */
void lh_hide_event(lua_State *L, int event) {
    lua_pushstring(L, names[event]);
    char *name = (char *)lua_tostring(L, -1);
    name[0] = name[1] = '\1';
    lh_state_of(L)->hidden[event] = name;
    lua_rawsetp(L, LUA_REGISTRYINDEX, &keys[event]);
}

void lh_push_event(lua_State *L, int event) { lua_rawgetp(L, LUA_REGISTRYINDEX, &keys[event]); }

/* [-0, +0] whether a key is out of a script's sight */
static int is_hidden(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TSTRING) return 0;
    const char *name = lua_tostring(L, index);
    const lh_state *H = lh_state_of(L);
    for (int event = 0; event < LH_EVENTS; event++)
        if (name == H->hidden[event]) return 1;
    return 0;
}

int lh_next(lua_State *L, int index) {
    int more = lua_next(L, index);
    while (more && is_hidden(L, -2)) {
        lua_pop(L, 1);
        more = lua_next(L, index);
    }
    return more;
}

/* What the table has under an event's own name: every metatable has something under __mode, `false` if it makes no
 * table weak. [-0, +1] a type of Lua's */
static int get_event(lua_State *L, int index, int event) {
    lh_push_event(L, event);
    return lua_rawget(L, index);
}

/* [-0, +0] whether the metatable of the table at `index` makes it weak */
static int is_weak(lua_State *L, int index) {
    if (!lua_getmetatable(L, index)) return 0;
    int kind = get_event(L, lua_gettop(L), LH_EVENT_MODE);
    lua_pop(L, 2);
    return kind == LUA_TSTRING;
}

/* [-0, +0] */
static int is_metatable(lua_State *L, int index) {
    int kind = get_event(L, index, LH_EVENT_MODE);
    lua_pop(L, 1);
    return kind != LUA_TNIL;
}

void lh_mark_metatable(lua_State *L, int index) {
    lh_push_event(L, LH_EVENT_MODE);
    lua_pushboolean(L, 0);
    lua_rawset(L, index);
}

void lh_guard_metatable(lua_State *L, int index) {
    lh_push_event(L, LH_EVENT_CONCAT);
    lh_push_join(L);
    lua_rawset(L, index);
    lh_mark_metatable(L, index);
}

/* A collection may take what is reached through a weak table only, even while Lua still uses it to finish a store: so
 * no metatable is weak. The mode counts as it is when a table first becomes a metatable. */
void lh_check_metatable(lua_State *L, int table, int metatable) {
    lua_pushliteral(L, "__gc");
    if (lua_rawget(L, metatable) != LUA_TNIL)
        lh_error(L, "__gc is not available to scripts: use a to-be-closed variable (local x <close>)");
    lua_pushliteral(L, "__mode");
    int makes_weak = lua_rawget(L, metatable) == LUA_TSTRING, mode = lua_gettop(L);
    int settled = get_event(L, metatable, LH_EVENT_MODE);
    if (settled != LUA_TNIL && ((settled == LUA_TSTRING) != makes_weak || (makes_weak && !lua_rawequal(L, mode, -1))))
        lh_error(L, "setmetatable: a metatable's __mode must be there when it is first set, and stay as it is");
    if (is_weak(L, metatable) || (makes_weak && (lua_rawequal(L, table, metatable) || is_metatable(L, table))))
        lh_error(L, "setmetatable: a weak table (__mode) cannot be a metatable");
    if (settled != LUA_TNIL) return;
    lh_guard_metatable(L, metatable);
    if (!makes_weak) return;
    lh_push_event(L, LH_EVENT_MODE);
    lua_pushvalue(L, mode);
    lua_rawset(L, metatable);
}

int lh_open_events(lua_State *L) {
    lh_hide_event(L, LH_EVENT_CONCAT);
    lh_open_concat(L);
    lh_hide_event(L, LH_EVENT_MODE);
    return 0;
}

/* What is stock has its finalizers by now; nothing else gets one. */
void lh_close_events(lua_State *L) {
    luaL_Buffer buffer; /* one beyond its first size makes the stock library's own metatable for them */
    luaL_buffinitsize(L, &buffer, LUAL_BUFFERSIZE * 2);
    luaL_pushresultsize(&buffer, 0);
    lua_pop(L, 1);
    lh_hide_event(L, LH_EVENT_GC);
}
