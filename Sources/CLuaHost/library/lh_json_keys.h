/* json.encode: the keys of a table in the order of their bytes. */
#ifndef LH_JSON_KEYS_H
#define LH_JSON_KEYS_H

#include "lh_json.h"

typedef struct {
    const char *bytes;
    size_t length;
    lua_Integer place; /* in the list that holds the keys: a weak table may lose them meanwhile */
} lh_json_key;

/* Pushes a list of the table's keys, and their order: at most *count of them, which becomes how many there are. NULL:
 * one is no text. index > 0 [-0, +2, may raise] */
lh_json_key *lh_json_push_keys(lua_State *L, int index, uint32_t *count);

/* Whether a text is UTF-8. [-0, +0, may raise] */
int lh_is_utf8(lua_State *L, const char *text, size_t count);

#endif
