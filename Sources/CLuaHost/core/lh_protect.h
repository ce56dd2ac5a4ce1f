/* pcall, xpcall, and what stands between a script and a panic. */
#ifndef LH_PROTECT_H
#define LH_PROTECT_H

#include "lh_state.h"

int lh_pcall(lua_State *L);          /* pcall(fn, ...) [-n, +m, may yield] */
int lh_xpcall(lua_State *L);         /* xpcall(fn, handler, ...) [-n, +m, may yield] */
int lh_open_panic(lua_State *L);                   /* [-0, +0, may raise] */

#endif
