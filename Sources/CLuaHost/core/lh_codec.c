/* Values to bytes and back. Reading is raw: no metamethod of a script runs; depth and size are bounded.
 * Four kinds of userdata cross: a box (an exact integer such as money), the null sentinel, a task handle, a secret. */
#include "lh_codec.h"
#include "lh_events.h"
#include "lh_limits.h"
#include "lh_report.h"
#include "lh_secret.h"

enum { MAX_DEPTH = 100 };

const char lh_key_box = 0, lh_key_null = 0, lh_key_array = 0, lh_key_error = 0;

int lh_is_kind(lua_State *L, int index, const void *key) {
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, key);
    int same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

int lh_is_array(lua_State *L, int index, uint32_t *count) {
    lua_Unsigned length = lua_rawlen(L, index);
    uint32_t seen = 0;
    int array = 1;
    lua_pushnil(L);
    while (lh_next(L, index)) {
        lua_pop(L, 1);
        seen += 1;
        if (array) {
            lua_Integer key = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
            array = key >= 1 && (lua_Unsigned)key <= length;
        }
        if ((seen & 1023) == 0) lh_tick(L);
    }
    *count = seen;
    if (seen > 0) return array && seen == length;
    if (!lua_getmetatable(L, index)) return 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_array);
    int marked = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return marked;
}

/* [-0, +0, may raise] */
static void encode(lua_State *L, int index, lh_buffer *out, int depth) {
    switch (lua_type(L, index)) {
    case LUA_TNIL: lh_put_tag(out, LH_NIL); break;
    case LUA_TBOOLEAN: lh_put_tag(out, lua_toboolean(L, index) ? LH_TRUE : LH_FALSE); break;
    case LUA_TNUMBER:
        if (lua_isinteger(L, index)) {
            lh_put_word(out, LH_INTEGER, (uint64_t)lua_tointeger(L, index));
        } else {
            double number = lua_tonumber(L, index);
            uint64_t word;
            memcpy(&word, &number, 8);
            lh_put_word(out, LH_NUMBER, word);
        }
        break;
    case LUA_TSTRING: {
        size_t count;
        const char *bytes = lua_tolstring(L, index, &count);
        if (count > UINT32_MAX) luaL_error(L, "a string of more than 4 GB cannot be passed to the host");
        lh_put_string(out, bytes, count);
        break;
    }
    case LUA_TTABLE: {
        if (depth >= MAX_DEPTH) lh_error(L, "a table is nested more than %d deep (or contains itself)", MAX_DEPTH);
        luaL_checkstack(L, 6, "too deep");
        uint32_t count;
        int array = lh_is_array(L, index, &count);
        lh_put_sized(out, array ? LH_ARRAY : LH_MAP, count);
        if (array) {
            for (uint32_t i = 1; i <= count; i++) {
                lua_rawgeti(L, index, i);
                encode(L, lua_gettop(L), out, depth + 1);
                lua_pop(L, 1);
            }
        } else {
            lua_pushnil(L);
            while (lh_next(L, index)) {
                int top = lua_gettop(L);
                encode(L, top - 1, out, depth + 1);
                encode(L, top, out, depth + 1);
                lua_pop(L, 1);
            }
        }
        lh_put_tag(out, LH_END);
        lh_tick(L);
        break;
    }
    case LUA_TUSERDATA:
        if (lh_is_kind(L, index, &lh_key_box)) {
            lh_put_word(out, LH_BOX, *(const uint64_t *)lua_touserdata(L, index));
            break;
        }
        if (lh_is_kind(L, index, &lh_key_null)) {
            lh_put_tag(out, LH_NULL);
            break;
        }
        if (lh_is_kind(L, index, &lh_key_handle)) {
            lh_task *task = *(lh_task **)lua_touserdata(L, index);
            if (!task) lh_error(L, "this task was forgotten: nothing but a weak table held it");
            lh_put_sized(out, LH_TASK, task->id);
            break;
        }
        if (lh_is_secret(L, index)) {
            luaL_checkstack(L, 6, "too deep");
            lh_put_tag(out, LH_SECRET);
            lua_getiuservalue(L, index, 1);
            encode(L, lua_gettop(L), out, depth + 1);
            lua_pop(L, 1);
            break;
        }
        /* fall through */
    default:
        lh_error(L, "a %s cannot be passed to the host: use strings, numbers, booleans and tables of them",
                 luaL_typename(L, index));
    }
    if (out->failed) lh_error(L, "not enough memory");
}

void lh_encode(lua_State *L, int first, int last, lh_buffer *out) {
    out->count = 0;
    out->failed = 0;
    for (int index = first; index <= last; index++) encode(L, index, out, 0);
}

typedef struct {
    const uint8_t *at, *end;
} reader;

/* [-0, +0, may raise] */
static const uint8_t *take(lua_State *L, reader *r, size_t count) {
    if ((size_t)(r->end - r->at) < count) luaL_error(L, "the host's reply is cut short");
    const uint8_t *bytes = r->at;
    r->at += count;
    return bytes;
}

static uint32_t take_size(lua_State *L, reader *r) {
    uint32_t size;
    memcpy(&size, take(L, r, 4), 4);
    return size;
}

/* Pushes one value and returns its tag; LH_END pushes nothing. [-0, +1 or 0, may raise] */
static int decode(lua_State *L, reader *r, int depth) {
    int tag = *take(L, r, 1);
    switch (tag) {
    case LH_NIL: lua_pushnil(L); break;
    case LH_FALSE: lua_pushboolean(L, 0); break;
    case LH_TRUE: lua_pushboolean(L, 1); break;
    case LH_INTEGER: {
        int64_t value;
        memcpy(&value, take(L, r, 8), 8);
        lua_pushinteger(L, value);
        break;
    }
    case LH_NUMBER: {
        double value;
        memcpy(&value, take(L, r, 8), 8);
        lua_pushnumber(L, value);
        break;
    }
    case LH_STRING: {
        uint32_t count = take_size(L, r);
        lua_pushlstring(L, (const char *)take(L, r, count), count);
        break;
    }
    case LH_ARRAY:
    case LH_MAP: {
        if (depth >= MAX_DEPTH * 2) luaL_error(L, "the host's reply is nested too deep");
        luaL_checkstack(L, 4, "too deep");
        uint32_t hint = take_size(L, r);
        size_t left = (size_t)(r->end - r->at); /* every entry takes a byte at least: a lying hint is harmless */
        int size = hint > left ? (int)left : (int)hint;
        lua_createtable(L, tag == LH_ARRAY ? size : 0, tag == LH_MAP ? size : 0);
        if (tag == LH_ARRAY) {
            lua_Integer i = 0;
            while (decode(L, r, depth + 1) != LH_END) lua_rawseti(L, -2, ++i);
            if (i == 0) {
                lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_array);
                lua_setmetatable(L, -2);
            }
        } else {
            while (decode(L, r, depth + 1) != LH_END) {
                if (lua_isnil(L, -1) || decode(L, r, depth + 1) == LH_END)
                    luaL_error(L, "the host's reply has a bad key");
                lua_rawset(L, -3);
            }
        }
        break;
    }
    case LH_END:
        if (depth == 0) luaL_error(L, "the host's reply is malformed");
        break;
    case LH_BOX: {
        int64_t value;
        memcpy(&value, take(L, r, 8), 8);
        lh_push_box(L, value);
        break;
    }
    case LH_NULL: lh_push_null(L); break;
    case LH_RECORDS: r->at = lh_push_records(L, r->at, r->end); break;
    default: luaL_error(L, "the host's reply is malformed (tag %d)", tag);
    }
    return tag;
}

int lh_decode(lua_State *L, const uint8_t *bytes, size_t count) {
    reader r = {bytes, bytes + count};
    int pushed = 0;
    while (r.at < r.end) {
        luaL_checkstack(L, 8, "too many values");
        decode(L, &r, 0);
        pushed += 1;
    }
    return pushed;
}

void lh_push_box(lua_State *L, int64_t value) {
    *(int64_t *)lua_newuserdatauv(L, sizeof value, 0) = value;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_box);
    lua_setmetatable(L, -2);
}

void lh_push_null(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_null);
    lua_rawgetp(L, -1, &lh_key_null);
    lua_remove(L, -2);
}

/* host.box(integer) -> box [-1, +1, may raise] */
static int box(lua_State *L) {
    lh_push_box(L, luaL_checkinteger(L, 1));
    return 1;
}

/* host.unbox(value) -> integer, or nil when it is no box [-1, +1] */
static int unbox(lua_State *L) {
    if (lh_is_kind(L, 1, &lh_key_box)) lua_pushinteger(L, *(const int64_t *)lua_touserdata(L, 1));
    else lua_pushnil(L);
    return 1;
}

/* host.is_task(value) -> boolean [-1, +1] */
static int is_task(lua_State *L) {
    lua_pushboolean(L, lh_is_kind(L, 1, &lh_key_handle));
    return 1;
}

/* host.is_array(table) -> whether json.array, or an empty array of a reply, marked it [-1, +1] */
static int is_marked_array(lua_State *L) {
    lua_settop(L, 1);
    int marked = 0;
    if (lua_getmetatable(L, 1)) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_array);
        marked = lua_rawequal(L, -1, -2);
    }
    lua_pushboolean(L, marked);
    return 1;
}

void lh_new_metatable(lua_State *L, const void *key) {
    lua_newtable(L);
    lh_guard_metatable(L, lua_gettop(L));
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

int lh_open_codec(lua_State *L) {
    lh_new_metatable(L, &lh_key_box);
    lua_setfield(L, 1, "box_metatable");
    lh_new_metatable(L, &lh_key_array);
    lua_setfield(L, 1, "array_metatable");
    lh_new_metatable(L, &lh_key_error);
    lua_setfield(L, 1, "error_metatable");
    lh_new_metatable(L, &lh_key_null); /* it keeps the one null value */
    lua_newuserdatauv(L, 0, 0);
    lua_pushvalue(L, -2);
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, &lh_key_null);
    lua_setfield(L, 1, "null");
    lua_setfield(L, 1, "null_metatable");
    lua_pushcfunction(L, box);
    lua_setfield(L, 1, "box");
    lua_pushcfunction(L, is_task);
    lua_setfield(L, 1, "is_task");
    lua_pushcfunction(L, is_marked_array);
    lua_setfield(L, 1, "is_array");
    lua_pushcfunction(L, unbox);
    lua_setfield(L, 1, "unbox");
    return 0;
}
