/* json.encode: Lua values to JSON text, read raw, so that nothing of a script runs meanwhile. Keys are in the order of
 * their bytes: the same table always gives the same text. What JSON has no form for is a value, not an error. */
#include <math.h>

#include "lh_codec.h"
#include "lh_json_keys.h"
#include "lh_money.h"
#include "lh_number.h"
#include "lh_secret.h"

/* A table that holds one table twice, and that likewise, is small, and its text need not be. */
enum { MAX_DEPTH = 100, MOST_BYTES = 64 << 20, TICK_BYTES = 1 << 16, MOST_PATH = 1000 };

typedef struct {
    const char *key; /* NULL: an array's */
    size_t length;
    lua_Integer index;
} step;

typedef struct {
    lua_State *L;
    int slot;  /* where on the stack the bytes lie, in a userdata that grows by being replaced */
    char *bytes;
    size_t count, capacity;
    step path[MAX_DEPTH + 1];
    int depth;
    const char *problem;
    char made[160];
} writer;

/* Always 0, for `return`. */
static int wrong(writer *w, const char *problem) {
    w->problem = problem;
    return 0;
}

/* Whether there can be a block of that size, after a collection if need be. [-0, +0, may raise] */
static int has_room(lua_State *L, size_t size) {
    const lh_state *H = lh_state_of(L);
    if (size < TICK_BYTES || !H->limits.memory || H->used + size <= H->limits.memory) return 1;
    lua_gc(L, LUA_GCCOLLECT, 0);
    return H->used + size <= H->limits.memory;
}

/* [-0, +0, may raise] */
static int reserve(writer *w, size_t more) {
    if (w->capacity - w->count >= more) return 1;
    if (more > MOST_BYTES - w->count) {
        snprintf(w->made, sizeof w->made, "the text would be larger than %d MB", MOST_BYTES >> 20);
        return wrong(w, w->made);
    }
    size_t capacity = w->capacity ? w->capacity * 2 : 512;
    while (capacity - w->count < more) capacity *= 2;
    if (!has_room(w->L, capacity)) return wrong(w, "the text would be larger than the memory limit");
    char *bytes = lua_newuserdatauv(w->L, capacity, 0);
    if (w->count) memcpy(bytes, w->bytes, w->count);
    lua_replace(w->L, w->slot);
    w->bytes = bytes;
    w->capacity = capacity;
    return 1;
}

/* [-0, +0, may raise] */
static int put(writer *w, const char *bytes, size_t count) {
    if (!reserve(w, count)) return 0;
    memcpy(w->bytes + w->count, bytes, count);
    w->count += count;
    return 1;
}

static int put_char(writer *w, char c) { return put(w, &c, 1); }

static int put_escape(writer *w, unsigned char c) {
    static const char plain[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    char text[8];
    const char *found = c ? strchr(plain, c) : NULL;
    int length = found ? snprintf(text, sizeof text, "\\%c", names[found - plain]) : snprintf(text, sizeof text, "\\u%04x", c);
    return put(w, text, (size_t)length);
}

/* UTF-8 in quotes. [-0, +0, may raise] */
static int put_string(writer *w, const char *text, size_t count) {
    size_t run = 0;
    if (!put_char(w, '"')) return 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((i & (TICK_BYTES - 1)) == TICK_BYTES - 1) lh_tick(w->L);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        if (!put(w, text + run, i - run) || !put_escape(w, c)) return 0;
        run = i + 1;
    }
    return put(w, text + run, count - run) && put_char(w, '"');
}

static int write_number(writer *w, int index) {
    char text[LH_NUMBER_TEXT];
    if (lua_isinteger(w->L, index)) {
        int length = snprintf(text, sizeof text, LUA_INTEGER_FMT, lua_tointeger(w->L, index));
        return put(w, text, (size_t)length);
    }
    double number = lua_tonumber(w->L, index);
    size_t length = lh_number_text(number, text);
    if (!isfinite(number)) {
        snprintf(w->made, sizeof w->made, "JSON has no form for %s", text);
        return wrong(w, w->made);
    }
    char digits[LH_SHORTEST + 1];
    int exponent;
    /* Where a whole number beyond 64 bits stood in the script, this is no longer that number; up to 15 digits two
     * numbers are two doubles. */
    if (fabs(number) >= 0x1p63 && lh_shortest_digits(fabs(number), digits, &exponent) > 15) {
        snprintf(w->made, sizeof w->made, "%s is a whole number beyond 64 bits that was rounded to a float; give it as a string",
                 text);
        return wrong(w, w->made);
    }
    return put(w, text, length);
}

static int write_value(writer *w, int index);

/* [-0, +0, may raise] */
static int write_array(writer *w, int index, uint32_t count) {
    lua_State *L = w->L;
    step *here = &w->path[w->depth++];
    here->key = NULL;
    if (!put_char(w, '[')) return 0;
    for (uint32_t i = 1; i <= count; i++) {
        here->index = i;
        if (i > 1 && !put_char(w, ',')) return 0;
        lua_rawgeti(L, index, i);
        if (!write_value(w, lua_gettop(L))) return 0;
        lua_pop(L, 1);
    }
    w->depth -= 1;
    return put_char(w, ']');
}

/* [-0, +0, may raise] */
static int write_object(writer *w, int index, uint32_t count) {
    lua_State *L = w->L;
    lh_json_key *keys = lh_json_push_keys(L, index, &count);
    if (!keys) return wrong(w, "a table has keys other than strings, or an array with holes; JSON has no form for it");
    int list = lua_gettop(L) - 1;
    step *here = &w->path[w->depth++];
    if (!put_char(w, '{')) return 0;
    for (uint32_t i = 0; i < count; i++) {
        here->key = keys[i].bytes;
        here->length = keys[i].length;
        if (i > 0 && !put_char(w, ',')) return 0;
        if (!put_string(w, here->key, here->length) || !put_char(w, ':')) return 0;
        lua_rawgeti(L, list, keys[i].place);
        lua_rawget(L, index);
        if (!write_value(w, lua_gettop(L))) return 0;
        lua_pop(L, 1);
    }
    lua_settop(L, list - 1);
    w->depth -= 1;
    return put_char(w, '}');
}

/* [-0, +0, may raise] */
static int write_userdata(writer *w, int index) {
    lua_State *L = w->L;
    if (lh_is_kind(L, index, &lh_key_box)) {
        char text[LH_MONEY_TEXT];
        return put_string(w, text, lh_money_text(*(const int64_t *)lua_touserdata(L, index), text));
    }
    if (lh_is_kind(L, index, &lh_key_null)) return put(w, "null", 4);
    if (lh_is_secret(L, index)) return wrong(w, "a secret cannot be written as JSON text; the option json of http takes it");
    return wrong(w, lh_is_kind(L, index, &lh_key_handle) ? "a task cannot be written as JSON" : "a userdata cannot be written as JSON");
}

/* [-0, +0, may raise] 0: w->problem says what is wrong, and what was pushed by then is the caller's to drop */
static int write_value(writer *w, int index) {
    lua_State *L = w->L;
    lh_tick(L);
    luaL_checkstack(L, 8, "too deep");
    switch (lua_type(L, index)) {
    case LUA_TNIL:
    case LUA_TNONE: return put(w, "null", 4);
    case LUA_TBOOLEAN: return lua_toboolean(L, index) ? put(w, "true", 4) : put(w, "false", 5);
    case LUA_TNUMBER: return write_number(w, index);
    case LUA_TSTRING: {
        size_t count;
        const char *text = lua_tolstring(L, index, &count);
        return lh_is_utf8(L, text, count) ? put_string(w, text, count) : wrong(w, "a string is not valid UTF-8");
    }
    case LUA_TTABLE: {
        if (w->depth >= MAX_DEPTH) {
            w->depth = 0; /* a path of so many steps helps nobody */
            snprintf(w->made, sizeof w->made, "a table is nested more than %d deep (or contains itself)", MAX_DEPTH);
            return wrong(w, w->made);
        }
        uint32_t count;
        return lh_is_array(L, index, &count) ? write_array(w, index, count) : write_object(w, index, count);
    }
    case LUA_TUSERDATA: return write_userdata(w, index);
    default:
        snprintf(w->made, sizeof w->made, "a %s cannot be written as JSON", luaL_typename(L, index));
        return wrong(w, w->made);
    }
}

/* The problem, and where in the value, such as "items[2].price". [-0, +1, may raise] */
static void push_problem(writer *w) {
    lua_State *L = w->L;
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    luaL_addstring(&out, w->problem);
    for (int i = 0; i < w->depth; i++) {
        char index[32];
        const step *at = &w->path[i];
        luaL_addstring(&out, i == 0 ? " (at " : at->key ? "." : "");
        if (luaL_bufflen(&out) > MOST_PATH) {
            luaL_addstring(&out, "\xE2\x80\xA6");
            break;
        }
        if (at->key) {
            luaL_addlstring(&out, at->key, at->length < MOST_PATH ? at->length : MOST_PATH);
        } else {
            snprintf(index, sizeof index, "[" LUA_INTEGER_FMT "]", at->index);
            luaL_addstring(&out, index);
        }
    }
    if (w->depth > 0) luaL_addchar(&out, ')');
    luaL_pushresult(&out);
}

/* host.json_encode(value) -> text; or nil and what cannot be written [-1, +1 or 2, may raise] */
static int json_encode(lua_State *L) {
    lua_settop(L, 1);
    lua_pushnil(L);
    writer w = {.L = L, .slot = 2};
    if (write_value(&w, 1) && (has_room(L, w.count) || wrong(&w, "the text would be larger than the memory limit"))) {
        lua_pushlstring(L, w.bytes, w.count);
        return 1;
    }
    lua_pushnil(L); /* what was being written lies below: its keys are in the path */
    push_problem(&w);
    return 2;
}

int lh_open_json_write(lua_State *L) {
    lua_pushcfunction(L, json_encode);
    lua_setfield(L, 1, "json_encode");
    return 0;
}
