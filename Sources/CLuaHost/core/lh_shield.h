/* Tasks that a stop passes by. */
#ifndef LH_SHIELD_H
#define LH_SHIELD_H

#include "lh_state.h"

int lh_open_shield(lua_State *L); /* with the host table at 1 [-0, +0, may raise] */

#endif
