/*
 * Private header of the time-bounded replacements for Lua's stock string and
 * table functions. No hook fires inside a C function, so every loop in one
 * ticks. Deciding that time is up is lh_tick's job.
 */
#ifndef LH_LIBRARY_H
#define LH_LIBRARY_H

#include <lua5.4/lua.h>

#include "lh_internal.h"

/*
 * Replaces rep, find, match, gmatch and gsub in the stock string table on top
 * of the stack, and removes dump. Returns 0. [-0, +0, may raise]
 */
int lh_open_string(lua_State *L);

/*
 * Replaces insert, remove, move, concat, unpack and sort in the stock table
 * library's table on top of the stack. Returns 0. [-0, +0, may raise]
 */
int lh_open_table(lua_State *L);

/* string.gsub, which has a file of its own. Lua: [-n, +2, may raise] */
int lh_string_gsub(lua_State *L);

/* table.sort, which has a file of its own. Lua: [-n, +0, may raise] */
int lh_table_sort(lua_State *L);

/* What a function needs of a table-like argument. */
enum lh_access {
    LH_READS = 1 << 0,
    LH_WRITES = 1 << 1,
    LH_MEASURES = 1 << 2,
};

/*
 * Raises an argument error unless the argument is a table or has the
 * metamethods that stand in for one. [-0, +0, may raise]
 */
void lh_check_table(lua_State *L, int argument, unsigned access);

/* Checks argument 1 likewise and returns its length. [-0, +0, may raise] */
lua_Integer lh_check_list(lua_State *L, unsigned access);

#endif
