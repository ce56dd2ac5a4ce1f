/* Compiling: the one way from text to a function. */
#ifndef LH_CODE_H
#define LH_CODE_H

#include "lh_state.h"

enum { LH_LARGEST_FILE = 16 << 20, LH_LARGEST_LOAD = 4 << 20 }; /* bytes of a script or module; of what load takes */
int lh_compile(lua_State *L, const char *text, size_t count, const char *chunk); /* [-0, +1, may raise] a status */
int lh_load_function(lua_State *L);                /* `load`: [-n, +1 or 2, may raise] */
int lh_open_code(lua_State *L);                    /* [-0, +0, may raise] host table at 1 */

#endif
