/* Metatables: which events a script's may have, and `..` on them. */
#ifndef LH_EVENTS_H
#define LH_EVENTS_H

#include "lh_state.h"

/* lh_events.c, lh_concat.c */
enum { LH_EVENT_CONCAT, LH_EVENT_GC, LH_EVENT_MODE, LH_EVENTS };
int lh_open_events(lua_State *L);                  /* [-0, +0, may raise] before any metatable is made */
void lh_close_events(lua_State *L);                /* [-0, +0, may raise] once every finalizer of ours is in its place */
void lh_push_join(lua_State *L);                   /* [-0, +1] */
void lh_open_concat(lua_State *L);                 /* [-0, +0, may raise] */
/* For every table that C makes a metatable, before it is one; index > 0. The second for one of another type's values,
 * whose `..` stays Lua's own. [-0, +0, may raise] */
void lh_guard_metatable(lua_State *L, int index);
void lh_mark_metatable(lua_State *L, int index);
void lh_check_metatable(lua_State *L, int table, int metatable); /* [-0, +n, may raise] the same for a script's */
int lh_next(lua_State *L, int index);              /* lua_next without what a script must not see; index > 0 */

#endif
