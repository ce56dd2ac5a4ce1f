/* See lh_json_keys.h. A heap sort: in place, and no order of keys makes it slow. */
#include "lh_json_keys.h"
#include "lh_events.h"

enum { TICK_BYTES = 1 << 16 };

int lh_is_utf8(lua_State *L, const char *text, size_t count) {
    const unsigned char *at = (const unsigned char *)text, *end = at + count, *look = at + TICK_BYTES;
    while (at < end) {
        size_t length = lh_utf8_length(at, end);
        if (length == 0) return 0;
        at += length;
        if (at >= look) {
            lh_tick(L);
            look = at + TICK_BYTES;
        }
    }
    return 1;
}

static int precedes(const lh_json_key *one, const lh_json_key *other) {
    size_t common = one->length < other->length ? one->length : other->length;
    int order = memcmp(one->bytes, other->bytes, common);
    return order ? order < 0 : one->length < other->length;
}

/* Moves the key at `place` down to where it belongs. */
static void sink(lh_json_key *keys, size_t place, size_t count) {
    lh_json_key moved = keys[place];
    for (size_t child; (child = place * 2 + 1) < count; place = child) {
        if (child + 1 < count && precedes(&keys[child], &keys[child + 1])) child += 1;
        if (!precedes(&moved, &keys[child])) break;
        keys[place] = keys[child];
    }
    keys[place] = moved;
}

/* A heap sort: in place, and no order of keys makes it slow. [-0, +0, may raise] */
static void sort(lua_State *L, lh_json_key *keys, size_t count) {
    for (size_t i = count / 2; i-- > 0;) sink(keys, i, count);
    for (size_t left = count; left > 1;) {
        lh_json_key last = keys[--left];
        keys[left] = keys[0];
        keys[0] = last;
        sink(keys, 0, left);
        if ((left & 1023) == 0) lh_tick(L);
    }
}

lh_json_key *lh_json_push_keys(lua_State *L, int index, uint32_t *count) {
    lua_createtable(L, (int)*count, 0);
    lh_json_key *keys = lua_newuserdatauv(L, (*count ? *count : 1) * sizeof *keys, 0);
    int list = lua_gettop(L) - 1;
    uint32_t found = 0;
    lua_pushnil(L);
    while (found < *count && lh_next(L, index)) {
        lua_pop(L, 1);
        lh_json_key *next = &keys[found++];
        if (lua_type(L, -1) != LUA_TSTRING) return NULL;
        next->bytes = lua_tolstring(L, -1, &next->length);
        if (!lh_is_utf8(L, next->bytes, next->length)) return NULL;
        next->place = found;
        lua_pushvalue(L, -1);
        lua_rawseti(L, list, found);
        if ((found & 1023) == 0) lh_tick(L);
    }
    lua_settop(L, list + 1);
    *count = found;
    sort(L, keys, found);
    return keys;
}
