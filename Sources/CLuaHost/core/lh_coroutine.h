/* The coroutine library. */
#ifndef LH_COROUTINE_H
#define LH_COROUTINE_H

#include "lh_state.h"

int lh_open_coroutine(lua_State *L); /* [-0, +1, may raise] */
/* Closes a coroutine from within the running task; its handlers may not wait. Gives lua_resetthread's status. */
int lh_reset(lua_State *L, lua_State *co); /* [-0, +0] */
extern const char lh_task_mark;      /* a light userdata at the bottom of every task's own stack */

#endif
