/* Which lines of a script's files have run, and how often. */
#ifndef LH_COVER_H
#define LH_COVER_H

#include "lh_state.h"

void lh_cover_line(lh_state *H, lua_State *L, lua_Debug *event); /* a line begins [-0, +0] */
void lh_cover_end(lh_state *H);

#endif
