/*
 * table.insert, remove, move, concat and unpack, as Lua 5.4 defines them but
 * bounded in time. sort is in lh_sort.c; pack stays stock, being linear in
 * its arguments.
 */
#include <limits.h>
#include <stdbool.h>

#include <lua5.4/lauxlib.h>

#include "lh_table.h"
#include "lh_limits.h"

/* Whether the metatable on top of the stack has the event. [-0, +0, may raise] */
static bool has_event(lua_State *L, const char *event) {
    lua_pushstring(L, event);
    bool found = lua_rawget(L, -2) != LUA_TNIL;
    lua_pop(L, 1);
    return found;
}

void lh_check_table(lua_State *L, int argument, unsigned access) {
    if (lua_type(L, argument) == LUA_TTABLE) {
        return;
    }
    if (lua_getmetatable(L, argument)) {
        bool stands_in = (!(access & LH_READS) || has_event(L, "__index")) &&
                         (!(access & LH_WRITES) || has_event(L, "__newindex")) &&
                         (!(access & LH_MEASURES) || has_event(L, "__len"));
        lua_pop(L, 1);
        if (stands_in) {
            return;
        }
    }
    luaL_checktype(L, argument, LUA_TTABLE);
}

lua_Integer lh_check_list(lua_State *L, unsigned access) {
    if (lua_type(L, 1) == LUA_TTABLE) {
        if (!lua_getmetatable(L, 1)) {
            return (lua_Integer)lua_rawlen(L, 1);
        }
        lua_pop(L, 1);
    }
    lh_check_table(L, 1, access | LH_MEASURES);
    return luaL_len(L, 1);
}

/*
 * Pushes t[i]. Ticks every time: a metamethod may have run anything, and a
 * tick costs a fraction of the access. [-0, +1, may raise]
 */
static inline void fetch(lua_State *L, int table, lua_Integer i) {
    lua_geti(L, table, i);
    lh_tick(L);
}

/* insert(list [, pos], value). Lua: [-n, +0, may raise] */
static int table_insert(lua_State *L) {
    lua_Integer length = lh_check_list(L, LH_READS | LH_WRITES);
    /* The sum wraps, like all integer arithmetic of Lua. */
    lua_Integer end = (lua_Integer)((lua_Unsigned)length + 1);
    lua_Integer position = end;
    switch (lua_gettop(L)) {
    case 2:
        break;
    case 3:
        position = luaL_checkinteger(L, 2);
        luaL_argcheck(L, (lua_Unsigned)position - 1 < (lua_Unsigned)end, 2, "position out of bounds");
        for (lua_Integer i = end; i > position; i--) {
            fetch(L, 1, i - 1);
            lua_seti(L, 1, i);
        }
        break;
    default:
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_seti(L, 1, position);
    return 0;
}

/* remove(list [, pos]). Lua: [-n, +1, may raise] */
static int table_remove(lua_State *L) {
    lua_Integer length = lh_check_list(L, LH_READS | LH_WRITES);
    lua_Integer position = luaL_optinteger(L, 2, length);
    if (position != length) {
        /* Lua 5.4.4 blames the list rather than the position. */
        luaL_argcheck(L, (lua_Unsigned)position - 1 <= (lua_Unsigned)length, 1, "position out of bounds");
    }
    fetch(L, 1, position);
    for (; position < length; position++) {
        fetch(L, 1, position + 1);
        lua_seti(L, 1, position);
    }
    lua_pushnil(L);
    lua_seti(L, 1, position);
    return 1;
}

/* move(a1, f, e, t [, a2]). Lua: [-n, +1, may raise] */
static int table_move(lua_State *L) {
    lua_Integer first = luaL_checkinteger(L, 2);
    lua_Integer last = luaL_checkinteger(L, 3);
    lua_Integer target = luaL_checkinteger(L, 4);
    int into = lua_isnoneornil(L, 5) ? 1 : 5;
    lh_check_table(L, 1, LH_READS);
    lh_check_table(L, into, LH_WRITES);
    if (last >= first) {
        luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
        lua_Integer count = last - first + 1;
        luaL_argcheck(L, target <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
        bool overlaps = target > first && target <= last && (into == 1 || lua_compare(L, 1, into, LUA_OPEQ));
        if (overlaps) {
            for (lua_Integer i = count - 1; i >= 0; i--) {
                fetch(L, 1, first + i);
                lua_seti(L, into, target + i);
            }
        } else {
            for (lua_Integer i = 0; i < count; i++) {
                fetch(L, 1, first + i);
                lua_seti(L, into, target + i);
            }
        }
    }
    lua_pushvalue(L, into);
    return 1;
}

/* Adds element i of the list to the buffer. [-0, +0, may raise] */
static inline void add_element(lua_State *L, luaL_Buffer *out, lua_Integer i) {
    fetch(L, 1, i);
    if (!lua_isstring(L, -1)) {
        luaL_error(L, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(L, -1),
                   (LUAI_UACINT)i);
    }
    luaL_addvalue(out);
}

/* concat(list [, sep [, i [, j]]]). Lua: [-n, +1, may raise] */
static int table_concat(lua_State *L) {
    lua_Integer last = lh_check_list(L, LH_READS);
    size_t separator_length;
    const char *separator = luaL_optlstring(L, 2, "", &separator_length);
    lua_Integer i = luaL_optinteger(L, 3, 1);
    last = luaL_optinteger(L, 4, last);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    if (i <= last) {
        add_element(L, &out, i);
        while (i < last) {
            luaL_addlstring(&out, separator, separator_length);
            add_element(L, &out, ++i);
        }
    }
    luaL_pushresult(&out);
    return 1;
}

/* unpack(list [, i [, j]]). Lua: [-n, +n, may raise] */
static int table_unpack(lua_State *L) {
    lua_Integer i = luaL_optinteger(L, 2, 1);
    lua_Integer last = lua_isnoneornil(L, 3) ? luaL_len(L, 1) : luaL_checkinteger(L, 3);
    if (i > last) {
        return 0;
    }
    /* One less than the count, which itself might not fit. */
    lua_Unsigned more = (lua_Unsigned)last - (lua_Unsigned)i;
    if (more >= INT_MAX || !lua_checkstack(L, (int)more + 1)) {
        return luaL_error(L, "too many results to unpack");
    }
    for (lua_Unsigned n = 0; n <= more; n++) {
        fetch(L, 1, i + (lua_Integer)n);
    }
    return (int)more + 1;
}

int lh_open_table(lua_State *L) {
    static const luaL_Reg replacements[] = {
        {"insert", table_insert}, {"remove", table_remove}, {"move", table_move}, {"concat", table_concat},
        {"unpack", table_unpack}, {"sort", lh_table_sort}, {NULL, NULL},
    };
    luaL_setfuncs(L, replacements, 0);
    return 0;
}
