/* The base library. */
#ifndef LH_BASE_H
#define LH_BASE_H

#include "lh_state.h"

int lh_open_base(lua_State *L);      /* [-0, +0, may raise] host table at 1 */

#endif
