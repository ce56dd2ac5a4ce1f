/* The base library as scripts see it: stock functions by allow-list, and the few that must differ so that a
 * limit or a cancellation cannot be survived, and no finalizer of a script ever runs. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "lh_base.h"
#include "lh_call.h"
#include "lh_code.h"
#include "lh_coroutine.h"
#include "lh_events.h"
#include "lh_file.h"
#include "lh_limits.h"
#include "lh_memory.h"
#include "lh_protect.h"
#include "lh_report.h"
#include "lh_string.h"
#include "lh_table.h"

/* setmetatable(table, metatable or nil) [-2, +1, may raise] */
static int base_setmetatable(lua_State *L) {
    int type = lua_type(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "cannot change a protected metatable");
    if (type == LUA_TTABLE) lh_check_metatable(L, 1, 2);
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

/* next(table, [key]) [-n, +1 or 2, may raise] */
static int base_next(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (lh_next(L, 1)) return 2;
    lua_pushnil(L);
    return 1;
}

/* [-0, +3] */
static int finish_pairs(lua_State *L, int status, lua_KContext context) {
    (void)L, (void)status, (void)context;
    return 3;
}

/* pairs(value) [-n, +3, may raise or yield] */
static int base_pairs(lua_State *L) {
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") == LUA_TNIL) {
        lua_pushcfunction(L, base_next);
        lua_pushvalue(L, 1);
        lua_pushnil(L);
    } else {
        lua_pushvalue(L, 1);
        lua_callk(L, 1, 3, 0, finish_pairs);
    }
    return 3;
}

/* collectgarbage([option]) [-n, +1, may raise] without the options that would change the host's settings */
static int base_collectgarbage(lua_State *L) {
    static const char *const options[] = {"collect", "count", "step", "isrunning", NULL};
    switch (luaL_checkoption(L, 1, "collect", options)) {
    case 1: lua_pushnumber(L, (lua_Number)lua_gc(L, LUA_GCCOUNT) + (lua_Number)lua_gc(L, LUA_GCCOUNTB) / 1024); break;
    case 2: lua_pushboolean(L, lua_gc(L, LUA_GCSTEP, 0)); break;
    case 3: lua_pushboolean(L, lua_gc(L, LUA_GCISRUNNING)); break;
    default: lua_pushinteger(L, lua_gc(L, LUA_GCCOLLECT));
    }
    lh_tick(L);
    return 1;
}

static int leave(lua_State *L);

/* print(...) [-n, +0, may raise] */
static int base_print(lua_State *L) {
    int count = lua_gettop(L);
    for (int i = 1; i <= count; i++) {
        size_t length;
        const char *text = luaL_tolstring(L, i, &length);
        if (i > 1) fputc('\t', stdout);
        fwrite(text, 1, length, stdout);
        lua_pop(L, 1);
    }
    fputc('\n', stdout);
    if (lh_output_abandoned()) return leave(L);
    if (ferror(stdout)) return lh_error(L, "print: standard output cannot be written to");
    return 0;
}

/* io.write(...): the stock one, in its upvalue. Where nobody reads any more, the script ends as one that prints does.
 * [-n, +1 or 3, may raise] */
static int io_write(lua_State *L) {
    int count = lua_tocfunction(L, lua_upvalueindex(1))(L);
    if (count == 3 && lua_isnil(L, -3) && lua_tointeger(L, -1) == EPIPE) return leave(L);
    return count;
}

/* Ends the script as a limit would; the host knows the status. [-0, +0, raises] */
static int leave(lua_State *L) {
    lh_state_of(L)->killed = LH_STOP_EXIT;
    lh_raise_stop(L);
    return 0;
}

/* host.exit(close): `close` runs what is to be closed before, unless C stands between [-n, +0, yields or raises] */
static int host_exit(lua_State *L) {
    lh_task *task = lh_task_of(L);
    if (!lua_toboolean(L, 1) || !task->L || task->closing || !lua_isyieldable(L) || lh_blocked(task)) return leave(L);
    task->pending = task->state->leaving = 1;
    return lua_yield(L, 0);
}

/* host.misuse(message): an error at the line of the script that called the host's API [-1, +0, raises] */
static int host_misuse(lua_State *L) {
    return lh_error(L, "%s", luaL_checkstring(L, 1));
}

/* host.note(text or nil): remembers the last failed call that the script was told of [-1, +0, may raise] */
static int host_note(lua_State *L) {
    lh_task *task = lh_task_of(L);
    size_t count = 0;
    const char *text = luaL_optlstring(L, 1, NULL, &count);
    lh_drop_text(task->state, task->note);
    task->note = text ? lh_copy_text(task->state, text, lh_kept_length(text, count)) : NULL;
    return 0;
}

/* host.where() -> "script.lua:12" or "" [-0, +1, may raise] */
static int host_where(lua_State *L) {
    const char *where = lh_where(L);
    size_t length = strlen(where);
    lua_pushlstring(L, where, length > 2 ? length - 2 : 0);
    return 1;
}

/* host.in_main_chunk() -> whether the nearest script function is a chunk or C, not a function [-0, +1] */
static int host_in_main_chunk(lua_State *L) {
    lua_Debug frame;
    int main = 1;
    for (int level = 1; level < 64 && lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "S", &frame);
        if (strncmp(frame.source, LH_OWN_CHUNK, sizeof LH_OWN_CHUNK - 1) == 0) continue;
        main = strcmp(frame.what, "Lua") != 0;
        break;
    }
    lua_pushboolean(L, main);
    return 1;
}

/* debug.traceback([thread,] [message, [level]]) [-n, +1, may raise] */
static int debug_traceback(lua_State *L) {
    lua_State *of = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    int at = lua_isthread(L, 1) ? 2 : 1;
    if (!lua_isnoneornil(L, at) && !lua_isstring(L, at)) {
        lua_settop(L, at);
        return 1;
    }
    lua_Integer level = luaL_optinteger(L, at + 1, of == L ? 1 : 0);
    lua_pushstring(L, luaL_optstring(L, at, ""));
    if (*lua_tostring(L, -1)) lua_pushliteral(L, "\n");
    else lua_pushliteral(L, "");
    if (of != L && !lh_is_scripts(of)) lua_pushliteral(L, ""); /* another task's own */
    else lh_push_traceback(L, of, level < 0 ? 0 : level > INT_MAX ? INT_MAX : (int)level);
    lua_concat(L, 3);
    return 1;
}

/* host.stock() -> {string, table} as Lua ships them, for comparing ours with them [-0, +1, may raise] */
static int host_stock(lua_State *L) {
    lua_newtable(L);
    luaopen_string(L);
    lua_setfield(L, -2, "string");
    luaopen_table(L);
    lua_setfield(L, -2, "table");
    return 1;
}

/* Removes every field of the table on the top that the list does not name. [-0, +0, may raise] */
static void allow_only(lua_State *L, const char *const *names) {
    lua_newtable(L);
    for (; *names; names++) {
        lua_getfield(L, -2, *names);
        lua_setfield(L, -2, *names);
    }
    lua_replace(L, -2);
}

/* Opens a stock library as a global, cut down to `names` (NULL: all of it). [-0, +0, may raise] */
static void open_library(lua_State *L, const char *name, lua_CFunction open, const char *const *names) {
    luaL_requiref(L, name, open, 0);
    if (names) allow_only(L, names);
    lua_setglobal(L, name);
}

/* In place of package.loaded, which holds the stock libraries: what scripts have, where Lua looks for the name of a
 * function that it complains of. [-0, +0, may raise] */
static void name_libraries(lua_State *L) {
    static const char *const names[] = {"string", "table", "math", "utf8", "os", "io", "coroutine", "debug", NULL};
    lua_newtable(L);
    lua_pushglobaltable(L);
    lua_setfield(L, -2, LUA_GNAME);
    for (const char *const *name = names; *name; name++) {
        lua_getglobal(L, *name);
        lua_setfield(L, -2, *name);
    }
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}

int lh_open_base(lua_State *L) {
    static const char *const base[] = {"assert", "error", "getmetatable", "ipairs", "rawequal", "rawget",
                                       "rawlen", "rawset", "select", "tonumber", "tostring", "type", "_VERSION", NULL};
    static const char *const os[] = {"time", "date", "clock", "difftime", "getenv", NULL};
    static const char *const io[] = {"write", "read", "flush", "type", "stdout", "stderr", "stdin", NULL};
    static const luaL_Reg own[] = {{"pcall", lh_pcall}, {"xpcall", lh_xpcall},
                                   {"next", base_next}, {"pairs", base_pairs},
                                   {"setmetatable", base_setmetatable}, {"collectgarbage", base_collectgarbage},
                                   {"print", base_print}, {"load", lh_load_function}, {NULL, NULL}};
    static const luaL_Reg host[] = {{"exit", host_exit}, {"misuse", host_misuse}, {"note", host_note},
                                    {"where", host_where}, {"in_main_chunk", host_in_main_chunk}, {"stock", host_stock},
                                    {NULL, NULL}};
    luaL_requiref(L, LUA_GNAME, luaopen_base, 0);
    allow_only(L, base);
    luaL_setfuncs(L, own, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, LUA_GNAME);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS); /* the globals are a new table: nothing slips through */

    luaL_requiref(L, "string", luaopen_string, 0);
    lh_open_string(L);
    lua_pushliteral(L, "");
    if (lua_getmetatable(L, -1)) { /* the host's strings have it, too: out of reach */
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    lua_setglobal(L, "string");
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lh_mark_metatable(L, lua_gettop(L));
    lua_pop(L, 2);
    luaL_requiref(L, "table", luaopen_table, 0);
    lh_open_table(L);
    lua_setglobal(L, "table");
    open_library(L, "math", luaopen_math, NULL);
    open_library(L, "utf8", luaopen_utf8, NULL);
    open_library(L, "os", luaopen_os, os);
    open_library(L, "io", luaopen_io, io);
    lua_getglobal(L, "io");
    lua_getfield(L, -1, "write");
    lua_pushcclosure(L, io_write, 1);
    lua_setfield(L, -2, "write");
    lua_pop(L, 1);
    lh_open_file_methods(L);
    lh_open_coroutine(L);
    lua_setglobal(L, "coroutine");
    lua_newtable(L);
    lua_pushcfunction(L, debug_traceback);
    lua_setfield(L, -2, "traceback");
    lua_setglobal(L, "debug");

    name_libraries(L);
    lua_pushvalue(L, 1);
    luaL_setfuncs(L, host, 0);
    lua_pop(L, 1);
    return 0;
}
