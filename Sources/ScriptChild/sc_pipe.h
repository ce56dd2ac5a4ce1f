/* The child's end of the socket: frames out, held back until the turn ends, and orders in. Whatever fails here ends the
 * process: without its parent it has nothing to do. */
#ifndef SC_PIPE_H
#define SC_PIPE_H

#include <stddef.h>
#include <stdint.h>

#include "CLuaHost.h"

typedef struct {
    uint32_t kind;
    const uint8_t *bytes; /* valid until the next sc_receive */
    size_t count;
} sc_order;

void sc_begin(uint32_t kind);                    /* a frame; what it is made of follows */
void sc_put(const void *bytes, size_t count);
void sc_end(void);
void sc_flush(void);
sc_order sc_receive(void);
int sc_take_descriptor(void);                    /* the one that came with the last order, or -1 */
void sc_fail(int status) __attribute__((noreturn));

/* Reads an order front to back; past its end the process ends. */
const void *sc_take(sc_order *order, size_t count);
uint32_t sc_take_word(sc_order *order);

#endif
