/* Tasks: made, found, ended; the environment of the prelude. */
#ifndef LH_TASK_H
#define LH_TASK_H

#include "lh_state.h"

lh_task *lh_task_new(lh_state *H);                 /* NULL: no memory */
void lh_task_free(lh_task *task);
lh_task *lh_task_find(const lh_state *H, uint32_t id);
void lh_let_wait_go(lh_task *task);                /* what it waited for is over: uncharged */
void lh_task_end(lh_task *task);                   /* [-0, +0] on the main state */
void lh_push_host(lua_State *L);                   /* [-0, +1] */
/* Gives a chunk of the prelude, on the top, the environment that host.prelude_environment is: the standard functions as they
 * were before the script ran. [-0, +0, may raise] */
void lh_set_environment(lua_State *L);
int lh_open_task(lua_State *L);                    /* [-0, +0, may raise] host table at 1 */

#endif
