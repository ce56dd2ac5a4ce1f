/* How failures read: positions, tracebacks, errors that are tables, calls that were statements. */
#ifndef LH_REPORT_H
#define LH_REPORT_H

#include "lh_state.h"

int lh_open_report(lua_State *L);                            /* [-0, +0, may raise] host table at 1 */
int lh_is_own(const lua_Debug *frame);                       /* [-0, +0] one of the prelude's */
const char *lh_where(lua_State *L);                          /* [-0, +1, may raise] "script.lua:12: " or "" */
/* The error on the top of L names a line of the prelude, since that called what the script gave it and C raised: the
 * script's nearest line of `of` takes its place, or nothing where `of` is NULL. [-0, +0, may raise] */
void lh_hide_own_line(lua_State *L, lua_State *of);
int lh_error(lua_State *L, const char *format, ...);         /* [raises] positioned at the script's line */
void lh_push_traceback(lua_State *L, lua_State *of, int first); /* [-0, +1, may raise] from that level outwards */
void lh_remember_trace(lua_State *L, lua_State *co, lh_task *task); /* [-0, +0, may raise] error value on co's top */
void lh_report(lh_state *H, lua_State *of, lh_task *task, lh_outcome *outcome);

/* lh_discard.c, lh_describe.c */
int lh_open_discard(lua_State *L);            /* [-0, +0, may raise] host table at 1 */
int lh_push_fields(lua_State *L, int index);  /* [-0, +0 or 1, may raise] a table's scalar fields, if it has any; index > 0 */

#endif
