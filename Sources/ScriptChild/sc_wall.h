/* The wall: what the script's process gives up for good before it is sent a script. */
#ifndef SC_WALL_H
#define SC_WALL_H

#include "CLuaHost.h"

/* Limits, no new privileges, Landlock without rules, the filter over all threads. `has_files`: it may be handed open
 * files. What could not be had is in the result; a filter that was refused is for the parent to judge. */
/* Tests leave one call out of the list, or make one that is not on it, to see that what then fails is loud. */
extern int sc_left_out, sc_tried;

lw_walled sc_wall(const lw_open *open, int has_files);

#endif
