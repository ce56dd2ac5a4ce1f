/* Durations as people write them: "90s", "15m", "2h30m", "7d", or a number of seconds; by the rules of Swift's
 * DurationText. */
#include <math.h>

#include "lh_duration.h"

enum { LONGEST_TEXT = 64 };

#define LONGEST_SECONDS (10.0 * 366 * 86400) /* ten years */

typedef __int128 attoseconds;

static const attoseconds per_second = 1000000000000000000;

/* Milliseconds of a unit's name; 0: it is none. */
static int64_t scale_of(const char *unit, size_t count) {
    if (count == 2) return unit[0] == 'm' && unit[1] == 's' ? 1 : 0;
    if (count != 1) return 0;
    switch (*unit) {
    case 's': return 1000;
    case 'm': return 60000;
    case 'h': return 3600000;
    case 'd': return 86400000;
    case 'w': return 7 * (int64_t)86400000;
    default: return 0;
    }
}

/* Digits with an optional fraction, in billionths; -1: they are none. */
static int64_t billionths(const char *digits, size_t count) {
    int64_t whole = 0, fraction = 0;
    size_t at = 0;
    for (; at < count && digits[at] != '.'; at++) {
        whole = whole * 10 + (digits[at] - '0');
        if (whole >= 1000000000) return -1;
    }
    if (at == 0) return -1;
    if (at == count) return whole * 1000000000;
    size_t places = count - ++at;
    if (places < 1 || places > 9) return -1;
    for (; at < count; at++) {
        if (digits[at] == '.') return -1;
        fraction = fraction * 10 + (digits[at] - '0');
    }
    for (; places < 9; places++) fraction *= 10;
    return whole * 1000000000 + fraction;
}

/* -1: the text is no duration. */
static attoseconds parse(const char *text, size_t count) {
    attoseconds total = 0;
    int64_t smallest = INT64_MAX;
    size_t at = 0;
    if (count < 1 || count > LONGEST_TEXT) return -1;
    while (at < count) {
        size_t from = at, letters;
        while (at < count && ((text[at] >= '0' && text[at] <= '9') || text[at] == '.')) at++;
        int64_t amount = billionths(text + from, at - from);
        if (amount < 0) return -1;
        letters = at;
        while (at < count && (text[at] | 0x20) >= 'a' && (text[at] | 0x20) <= 'z') at++;
        int64_t scale = letters == at && letters == count && from == 0 ? 1000 : scale_of(text + letters, at - letters);
        if (scale == 0 || scale >= smallest) return -1; /* largest unit first, each once */
        smallest = scale;
        total += (attoseconds)amount * 1000000000 * scale / 1000;
        if (total > (attoseconds)LONGEST_SECONDS * per_second) return -1;
    }
    return total;
}

/* host.duration(value) -> seconds, or nil if it is no duration [-1, +1] */
static int duration(lua_State *L) {
    attoseconds total = -1;
    if (lua_type(L, 1) == LUA_TSTRING) {
        size_t count;
        const char *text = lua_tolstring(L, 1, &count);
        total = parse(text, count);
    } else if (lua_type(L, 1) == LUA_TNUMBER) {
        double seconds = lua_tonumber(L, 1);
        if (isfinite(seconds) && seconds >= 0 && seconds <= LONGEST_SECONDS)
            total = (attoseconds)(int64_t)(seconds * 1e9) * 1000000000;
    }
    if (total < 0) lua_pushnil(L);
    else lua_pushnumber(L, (double)total / (double)per_second);
    return 1;
}

int lh_open_duration(lua_State *L) {
    lua_pushcfunction(L, duration);
    lua_setfield(L, 1, "duration");
    return 0;
}
