/* Budgets: entering and leaving Lua, the watchdog, the tick of every loop in C. */
#ifndef LH_LIMITS_H
#define LH_LIMITS_H

#include "lh_state.h"

int lh_watchdog_start(lh_state *H);
void lh_watchdog_end(lh_state *H);
void lh_enter(lh_state *H, lua_State *L);
void lh_leave(lh_state *H);
void lh_arm(lh_state *H, lua_State *L);    /* before a coroutine runs: sets the hook it needs */
void lh_check(lua_State *L);               /* [-0, +0, may raise] raises when a budget is spent */
void lh_raise_stop(lua_State *L);          /* [-0, +1, raises] */
int lh_is_stopping(const lh_state *H);     /* a stop is in force, and not even handlers run any more */
void lh_begin_stretch(lh_state *H);        /* as after a wait */
void lh_stop_text(const lh_state *H, char *text, size_t size); /* why `killed` is set, in words */
static inline void lh_tick(lua_State *L) { /* [-0, +0, may raise] */
    if (atomic_load_explicit(&lh_state_of(L)->alarm, memory_order_relaxed)) lh_check(L);
}

#endif
