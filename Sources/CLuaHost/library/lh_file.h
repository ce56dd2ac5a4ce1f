/* Files of scripts. */
#ifndef LH_FILE_H
#define LH_FILE_H

#include "lh_state.h"

int lh_open_file(lua_State *L);                    /* [-0, +0, may raise] host table at 1 */
void lh_open_file_methods(lua_State *L);            /* [-0, +0, may raise] once the stock library is there */
void lh_close_files(lh_state *H);                  /* those that no handle could close any more */

#endif
