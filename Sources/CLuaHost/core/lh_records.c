/* Rows of a table file as Lua tables: the host sends the text of many rows in one piece, with offsets, and each row
 * becomes a table keyed by the columns' names. Encoding each row by itself would cost more than reading the file. */
#include "lh_codec.h"
#include "lh_events.h"
#include "lh_limits.h"

typedef struct {
    const uint8_t *at, *end;
} cursor;

/* [-0, +0, may raise] */
static const uint8_t *take(lua_State *L, cursor *c, uint64_t count) {
    if ((uint64_t)(c->end - c->at) < count) luaL_error(L, "the host's rows are cut short");
    const uint8_t *bytes = c->at;
    c->at += count;
    return bytes;
}

static uint32_t take_word(lua_State *L, cursor *c) {
    uint32_t word;
    memcpy(&word, take(L, c, 4), 4);
    return word;
}

static uint32_t word_at(const uint8_t *words, uint64_t index) {
    uint32_t word;
    memcpy(&word, words + index * 4, 4);
    return word;
}

/* One row on top of the names, which lie from `names` on. [-0, +1, may raise] */
static void push_row(lua_State *L, int names, uint32_t columns, const uint8_t *ends, uint64_t first,
                     const uint8_t *text, uint32_t size) {
    lua_createtable(L, 0, (int)columns);
    uint32_t start = first == 0 ? 0 : word_at(ends, first - 1);
    for (uint32_t column = 0; column < columns; column++) {
        uint32_t end = word_at(ends, first + column);
        if (end < start || end > size) luaL_error(L, "the host's rows are malformed");
        lua_pushvalue(L, names + (int)column);
        lua_pushlstring(L, (const char *)text + start, end - start);
        lua_rawset(L, -3);
        start = end;
    }
}

/* Pushes a list of the rows, `false` for a bad one, with two fields: `lines`, where each begins, and `metatable`,
 * which all of them have. Returns where it stopped reading. [-0, +1, may raise] */
const uint8_t *lh_push_records(lua_State *L, const uint8_t *bytes, const uint8_t *end) {
    cursor c = {bytes, end};
    uint32_t columns = take_word(L, &c), count = take_word(L, &c);
    if (columns == 0 || columns > 100000) luaL_error(L, "too many columns");
    luaL_checkstack(L, (int)columns + 8, "too many columns");
    int base = lua_gettop(L);
    for (uint32_t column = 0; column < columns; column++) {
        uint32_t length = take_word(L, &c);
        lua_pushlstring(L, (const char *)take(L, &c, length), length);
    }
    const uint8_t *ends = take(L, &c, (uint64_t)columns * count * 4);
    const uint8_t *lines = take(L, &c, (uint64_t)count * 4);
    uint32_t size = take_word(L, &c);
    const uint8_t *text = take(L, &c, size);

    lua_createtable(L, (int)count, 2);
    int rows = lua_gettop(L);
    lua_createtable(L, (int)count, 0);
    lua_newtable(L);
    lh_guard_metatable(L, rows + 2);
    for (uint32_t row = 0; row < count; row++) {
        uint32_t line = word_at(lines, row);
        lua_pushinteger(L, line & 0x7FFFFFFF);
        lua_rawseti(L, rows + 1, (lua_Integer)row + 1);
        if (line & 0x80000000) {
            lua_pushboolean(L, 0);
        } else {
            push_row(L, base + 1, columns, ends, (uint64_t)row * columns, text, size);
            lua_pushvalue(L, rows + 2);
            lua_setmetatable(L, -2);
        }
        lua_rawseti(L, rows, (lua_Integer)row + 1);
        if ((row & 63) == 63) lh_tick(L);
    }
    lua_setfield(L, rows, "metatable");
    lua_setfield(L, rows, "lines");
    lua_replace(L, base + 1); /* there is a column, so a name lies here */
    lua_settop(L, base + 1);
    return c.at;
}
