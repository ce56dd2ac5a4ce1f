/* Values as tagged bytes, both ways, and the kinds of userdata that the host makes. */
#ifndef LH_CODEC_H
#define LH_CODEC_H

#include "lh_state.h"

void lh_encode(lua_State *L, int first, int last, lh_buffer *out);                  /* [-0, +0, may raise] */
int lh_decode(lua_State *L, const uint8_t *bytes, size_t count);                    /* [-0, +n, may raise] */
/* Rows of a table file (LH_RECORDS): see lh_records.c. [-0, +1, may raise] */
const uint8_t *lh_push_records(lua_State *L, const uint8_t *bytes, const uint8_t *end);
void lh_new_metatable(lua_State *L, const void *key); /* [-0, +1, may raise] registered at the key */
void lh_push_box(lua_State *L, int64_t value);                                      /* [-0, +1, may raise] */
void lh_push_null(lua_State *L);                                                    /* [-0, +1] the one json.null */
/* Whether a value is a userdata with the metatable registered at `key`. [-0, +0] */
int lh_is_kind(lua_State *L, int index, const void *key);
/* How many entries a table has, and whether their keys are just 1..n, or it is marked as an array. index > 0
 * [-0, +0, may raise] */
int lh_is_array(lua_State *L, int index, uint32_t *count);
int lh_open_codec(lua_State *L);                                                    /* [-0, +0, may raise] host table at 1 */

#endif
