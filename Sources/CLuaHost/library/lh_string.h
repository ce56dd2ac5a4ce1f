/* The string functions that can be stopped. */
#ifndef LH_STRING_H
#define LH_STRING_H

#include "lh_state.h"

/*
 * Replaces rep, find, match, gmatch and gsub in the stock string table on top
 * of the stack, and removes dump. Returns 0. [-0, +0, may raise]
 */
int lh_open_string(lua_State *L);

/* string.gsub, which has a file of its own. Lua: [-n, +2, may raise] */
int lh_string_gsub(lua_State *L);

#endif
