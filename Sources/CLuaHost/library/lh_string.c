/*
 * string.rep, find, match and gmatch, as Lua 5.4 defines them but bounded in
 * time. gsub is in lh_gsub.c, the matcher itself in lh_pattern.c; all other
 * string functions stay stock, being linear in strings that exist already.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <lua5.4/lauxlib.h>

#include "lh_string.h"
#include "lh_pattern.h"

/* Bytes copied between two ticks: some 100 microseconds. */
enum { COPY_STRIDE = 1 << 20 };

/*
 * Bytes searched between two ticks. A short needle may be compared afresh at
 * every byte, so this is smaller than COPY_STRIDE.
 */
enum { SEARCH_STRIDE = 1 << 18 };

/* Places compared one by one before a search turns to memmem. */
enum { CHEAP_TRIES = 8 };

/*
 * Fills [0, total) with copies of the unit that its first bytes hold already.
 * Copies what is there, so that short units cost no more than long ones.
 * [-0, +0, may raise]
 */
static void fill_with_copies(lua_State *L, char *bytes, size_t unit, size_t total) {
    size_t filled = unit;
    while (filled < total) {
        size_t count = filled;
        if (count > COPY_STRIDE) {
            lh_tick(L);
            /* Whole units only, or the next copy would start out of phase. */
            count = unit > COPY_STRIDE ? unit : COPY_STRIDE - COPY_STRIDE % unit;
        }
        if (count > total - filled) {
            count = total - filled;
        }
        memcpy(bytes + filled, bytes, count);
        filled += count;
    }
}

/* rep(s, n [, sep]). Lua: [-n, +1, may raise] */
static int string_rep(lua_State *L) {
    size_t length, separator_length;
    const char *s = luaL_checklstring(L, 1, &length);
    lua_Integer n = luaL_checkinteger(L, 2);
    const char *separator = luaL_optlstring(L, 3, "", &separator_length);
    if (n <= 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    size_t unit = length + separator_length;
    /* Lua keeps the size of a result within an int. */
    if (unit < length || unit > (size_t)INT_MAX / (size_t)n) {
        return luaL_error(L, "resulting string too large");
    }
    size_t total = unit * (size_t)n - separator_length;
    if (total == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    luaL_Buffer buffer;
    char *bytes = luaL_buffinitsize(L, &buffer, total);
    memcpy(bytes, s, length);
    if (n > 1) {
        memcpy(bytes + length, separator, separator_length);
        fill_with_copies(L, bytes, unit, total);
    }
    luaL_pushresultsize(&buffer, total);
    return 1;
}

/*
 * Turns an `init` argument into an offset from the subject's start, which is
 * length + 1 at most, for "beyond its end". [-0, +0, may raise]
 */
static size_t start_offset(lua_State *L, int argument, size_t length) {
    lua_Integer init = luaL_optinteger(L, argument, 1);
    if (init > 0) {
        size_t offset = (size_t)init - 1;
        return offset <= length ? offset : length + 1;
    }
    if (init == 0 || init < -(lua_Integer)length) {
        return 0;
    }
    return (size_t)((lua_Integer)length + init);
}

/* Whether the pattern stands for itself, byte for byte. */
static bool is_literal(const char *pattern, size_t length) {
    /* One bit for each special byte; all of them are in 0x20..0x5f. */
    const uint64_t special = UINT64_C(1) << ('^' - 0x20) | UINT64_C(1) << ('$' - 0x20) | UINT64_C(1) << ('*' - 0x20) |
                             UINT64_C(1) << ('+' - 0x20) | UINT64_C(1) << ('?' - 0x20) | UINT64_C(1) << ('.' - 0x20) |
                             UINT64_C(1) << ('(' - 0x20) | UINT64_C(1) << ('[' - 0x20) | UINT64_C(1) << ('%' - 0x20) |
                             UINT64_C(1) << ('-' - 0x20);
    for (size_t i = 0; i < length; i++) {
        unsigned char place = (unsigned char)((unsigned char)pattern[i] - 0x20);
        if (place < 64 && special >> place & 1) {
            return false;
        }
    }
    return true;
}

/*
 * Finds a byte sequence; NULL if it is not there. Searches in strides that
 * overlap by all but one byte of the needle. [-0, +0, may raise]
 */
static const char *find_literal(lua_State *L, const char *hay, size_t hay_length, const char *needle,
                                size_t needle_length) {
    if (needle_length > hay_length) {
        return NULL;
    }
    if (needle_length == 0) {
        return hay;
    }
    /* memchr is faster, as long as the first byte seldom leads astray. */
    for (int tries = 0; tries < CHEAP_TRIES && hay_length <= SEARCH_STRIDE; tries++) {
        const char *start = memchr(hay, *needle, hay_length - needle_length + 1);
        if (start == NULL || memcmp(start, needle, needle_length) == 0) {
            return start;
        }
        hay_length -= (size_t)(start + 1 - hay);
        hay = start + 1;
        if (needle_length > hay_length) {
            return NULL;
        }
    }
    size_t stride = needle_length > SEARCH_STRIDE ? needle_length : SEARCH_STRIDE;
    while (hay_length - needle_length >= stride) {
        const char *found = memmem(hay, stride + needle_length - 1, needle, needle_length);
        if (found != NULL) {
            return found;
        }
        lh_tick(L);
        hay += stride;
        hay_length -= stride;
    }
    return memmem(hay, hay_length, needle, needle_length);
}

/* What find and match share. Lua: [-n, +n, may raise] */
static int search(lua_State *L, bool is_find) {
    size_t length, pattern_length;
    const char *s = luaL_checklstring(L, 1, &length);
    const char *p = luaL_checklstring(L, 2, &pattern_length);
    size_t offset = start_offset(L, 3, length);
    if (offset > length) {
        luaL_pushfail(L);
        return 1;
    }
    if (is_find && (lua_toboolean(L, 4) || is_literal(p, pattern_length))) {
        const char *found = find_literal(L, s + offset, length - offset, p, pattern_length);
        if (found == NULL) {
            luaL_pushfail(L);
            return 1;
        }
        lua_pushinteger(L, found - s + 1);
        lua_pushinteger(L, found - s + (lua_Integer)pattern_length);
        return 2;
    }

    struct lh_matcher m;
    m.meter = lh_meter_start(L);
    m.subject = s;
    m.subject_end = s + length;
    m.pattern_end = p + pattern_length;
    bool anchored = *p == '^';
    if (anchored) {
        p++;
    }
    const char *at = s + offset;
    do {
        lh_spend(&m.meter, 1);
        if (!anchored) {
            at = lh_skip(&m, at, p);
        }
        const char *end = lh_match(&m, at, p);
        if (end != NULL) {
            if (!is_find) {
                return lh_push_captures(&m, at, end);
            }
            lua_pushinteger(L, at - s + 1);
            lua_pushinteger(L, end - s);
            return 2 + lh_push_captures(&m, NULL, NULL);
        }
    } while (!anchored && at++ < m.subject_end);
    luaL_pushfail(L);
    return 1;
}

/* find(s, pattern [, init [, plain]]). Lua: [-n, +n, may raise] */
static int string_find(lua_State *L) {
    return search(L, true);
}

/* match(s, pattern [, init]). Lua: [-n, +n, may raise] */
static int string_match(lua_State *L) {
    return search(L, false);
}

/* Upvalues of a gmatch iterator; the last two are offsets. */
enum { SUBJECT = 1, PATTERN, NEXT, LAST_END };

/* The iterator that gmatch returns. Lua: [-n, +n, may raise] */
static int gmatch_next(lua_State *L) {
    size_t length, pattern_length;
    const char *s = lua_tolstring(L, lua_upvalueindex(SUBJECT), &length);
    const char *p = lua_tolstring(L, lua_upvalueindex(PATTERN), &pattern_length);
    size_t next = (size_t)lua_tointeger(L, lua_upvalueindex(NEXT));
    lua_Integer last_end = lua_tointeger(L, lua_upvalueindex(LAST_END));
    struct lh_matcher m;
    m.meter = lh_meter_start(L);
    m.subject = s;
    m.subject_end = s + length;
    m.pattern_end = p + pattern_length;
    if (next > length) {
        return 0;
    }
    const char *at = s + next;
    do {
        lh_spend(&m.meter, 1);
        at = lh_skip(&m, at, p);
        const char *end = lh_match(&m, at, p);
        /* An empty match right behind the last match would count it twice. */
        if (end != NULL && end - s != last_end) {
            lua_pushinteger(L, end - s);
            lua_copy(L, -1, lua_upvalueindex(NEXT));
            lua_replace(L, lua_upvalueindex(LAST_END));
            return lh_push_captures(&m, at, end);
        }
    } while (at++ < m.subject_end);
    return 0;
}

/* gmatch(s, pattern [, init]). Lua: [-n, +1, may raise] */
static int string_gmatch(lua_State *L) {
    size_t length;
    luaL_checklstring(L, 1, &length);
    luaL_checkstring(L, 2);
    size_t offset = start_offset(L, 3, length);
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)offset);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, gmatch_next, 4);
    return 1;
}

int lh_open_string(lua_State *L) {
    static const luaL_Reg replacements[] = {
        {"rep", string_rep},
        {"find", string_find},
        {"match", string_match},
        {"gmatch", string_gmatch},
        {"gsub", lh_string_gsub},
        {NULL, NULL},
    };
    luaL_setfuncs(L, replacements, 0);
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    return 0;
}
