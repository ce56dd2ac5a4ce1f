/* Tasks that a stop passes by. */
#ifndef LH_SHIELD_H
#define LH_SHIELD_H

#include "lh_state.h"

int lh_spares(lh_state *H, int reason);    /* whether the task that runs is shielded from it */
int lh_unwinds(lh_state *H, int reason);   /* the reason; where others outlive it, the task's handlers are let run */
void lh_give_room(lh_state *H, int gives);  /* to what runs now */
int lh_may_catch(const lh_state *H, int was_unwinding); /* an error may be one of the script's: no stop ends its call */
void lh_survive(lh_state *H);              /* a stop has ended a task: where others are shielded, they go on */
int lh_open_shield(lua_State *L); /* with the host table at 1 [-0, +0, may raise] */

#endif
