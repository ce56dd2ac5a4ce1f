/* Calls of the host from Lua. */
#ifndef LH_CALL_H
#define LH_CALL_H

#include "lh_state.h"

const lh_buffer *lh_take_reply(lh_state *H); /* [-0, +0] what the host replied, where no other call writes over it */
lua_State *lh_blocked(const lh_task *task); /* [-0, +0] which of its coroutines cannot be suspended; or NULL */
int lh_finish_wait(lua_State *L, int status, lua_KContext context); /* [-0, +n, may raise] */
void lh_push_operation(lua_State *L, const char *shown, uint32_t operation, int waits); /* [-0, +1, may raise] */

#endif
