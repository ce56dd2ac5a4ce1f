/* JSON: what opens both directions, and the text that json.decode is reading; its strings and numbers have a file each. */
#ifndef LH_JSON_H
#define LH_JSON_H

#include "lh_limits.h"

typedef struct {
    lua_State *L;
    const unsigned char *start, *at, *end;
    const char *problem;         /* what is wrong, and where */
    const unsigned char *place;
    char made[96];
} lh_json_reader;

/* Always 0, for `return`. */
static inline int lh_json_wrong_at(lh_json_reader *r, const unsigned char *place, const char *problem) {
    r->problem = problem;
    r->place = place;
    return 0;
}

static inline int lh_json_wrong(lh_json_reader *r, const char *problem) { return lh_json_wrong_at(r, r->at, problem); }

/* Bytes between two looks at the clock. */
enum { LH_JSON_TICK_BYTES = 1 << 16 };

/* lh_json_string.c. A string whose opening quote is at r->at; 0: r->problem says what is wrong. [-0, +1, may raise] */
int lh_json_read_string(lh_json_reader *r);

/* lh_json_number.c. A number that begins at r->at; 0: r->problem says what is wrong. [-0, +1, may raise] */
int lh_json_read_number(lh_json_reader *r);

/* lh_json_string.c. How long the character is that begins at `at`; 0: these bytes are no UTF-8. */
size_t lh_utf8_length(const unsigned char *at, const unsigned char *end);

int lh_open_json_read(lua_State *L);  /* [-0, +0, may raise] host table at 1 */
int lh_open_json_write(lua_State *L); /* [-0, +0, may raise] host table at 1 */

#endif
