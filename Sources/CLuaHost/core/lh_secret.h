/* Secrets: userdata that hold parts. */
#ifndef LH_SECRET_H
#define LH_SECRET_H

#include "lh_state.h"

int lh_open_secret(lua_State *L);                  /* [-0, +0, may raise] host table at 1 */
int lh_is_secret(lua_State *L, int index);         /* [-0, +0] */

#endif
