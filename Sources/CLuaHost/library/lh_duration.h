/* Durations as text. */
#ifndef LH_DURATION_H
#define LH_DURATION_H

#include "lh_state.h"

int lh_open_duration(lua_State *L);   /* [-0, +0, may raise] host table at 1 */

#endif
