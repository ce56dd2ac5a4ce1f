/* What Lua asks of its host: answered here where it can be, else by the parent. */
#ifndef SC_CALLS_H
#define SC_CALLS_H

#include "sc_pipe.h"

void sc_name_operation(uint32_t operation, int tells);
void sc_keep_constant(sc_order order); /* LW_CONSTANT */
void sc_limit_depth(uint32_t depth);
int sc_host_call(void *context, uint32_t operation, uint32_t task, const uint8_t *arguments, size_t count,
                 lh_buffer *reply);

/* Tells sc_host_call where tasks are, once there is a state. */
void sc_use_state(lh_state *state);

#endif
