/* The table functions that can be stopped. */
#ifndef LH_TABLE_H
#define LH_TABLE_H

#include "lh_state.h"

/*
 * Replaces insert, remove, move, concat, unpack and sort in the stock table
 * library's table on top of the stack. Returns 0. [-0, +0, may raise]
 */
int lh_open_table(lua_State *L);

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
