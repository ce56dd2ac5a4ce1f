/* What the host keeps open for an iterator. */
#ifndef LH_KEEP_H
#define LH_KEEP_H

#include "lh_state.h"

int lh_open_keep(lua_State *L);       /* [-0, +0, may raise] host table at 1 */

#endif
