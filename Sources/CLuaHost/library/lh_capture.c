/*
 * What the captures of a match give to Lua.
 */
#include <lua5.4/lauxlib.h>

#include "lh_pattern.h"

void lh_push_capture(struct lh_matcher *m, int number, const char *from, const char *to) {
    lua_State *L = m->meter.L;
    if (number >= m->level) {
        if (number != 0) {
            luaL_error(L, "invalid capture index %%%d", number + 1);
        }
        lua_pushlstring(L, from, (size_t)(to - from));
        return;
    }
    struct lh_capture capture = m->captures[number];
    if (capture.length == LH_CAPTURE_OPEN) {
        luaL_error(L, "unfinished capture");
    } else if (capture.length == LH_CAPTURE_POSITION) {
        lua_pushinteger(L, capture.start - m->subject + 1);
    } else {
        lua_pushlstring(L, capture.start, (size_t)capture.length);
    }
}

int lh_push_captures(struct lh_matcher *m, const char *from, const char *to) {
    int count = m->level == 0 && from != NULL ? 1 : m->level;
    luaL_checkstack(m->meter.L, count, "too many captures");
    for (int i = 0; i < count; i++) {
        lh_push_capture(m, i, from, to);
    }
    return count;
}
