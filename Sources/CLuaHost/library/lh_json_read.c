/* json.decode: JSON text (RFC 8259) to Lua values, in one pass and with no tree in between. Strings are read in
 * lh_json_string.c, numbers in lh_json_number.c. */
#include "lh_codec.h"
#include "lh_json.h"

enum { MAX_DEPTH = 100 };

/* Something else stands where `wanted` should be. */
static int unexpected(lh_json_reader *r, const char *wanted) {
    unsigned char c = *r->at;
    char shown[16];
    if (c == '\n') snprintf(shown, sizeof shown, "\\n");
    else if (c == '\r') snprintf(shown, sizeof shown, "\\r");
    else if (c == '\t') snprintf(shown, sizeof shown, "\\t");
    else if (c < 0x20 || c == 0x7F) snprintf(shown, sizeof shown, "\\u{%x}", c);
    else if (c >= 0x80) snprintf(shown, sizeof shown, "\xEF\xBF\xBD");
    else snprintf(shown, sizeof shown, "%c", c);
    snprintf(r->made, sizeof r->made, "\"%s\" where %s should be", shown, wanted);
    return lh_json_wrong(r, r->made);
}

static void pass_space(lh_json_reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')) r->at++;
}

static int read_word(lh_json_reader *r, const char *word) {
    const unsigned char *start = r->at;
    for (; *word; word++, r->at++) {
        if (r->at == r->end) return lh_json_wrong_at(r, start, "the text ends inside a literal");
        if (*r->at != (unsigned char)*word) return lh_json_wrong_at(r, start, "a word that is not true, false or null");
    }
    return 1;
}

static int read_value(lh_json_reader *r, int depth);

/* The values or entries of an array or object whose bracket has been passed. [-0, +1, may raise] */
static int read_items(lh_json_reader *r, int is_object, int depth) {
    lua_State *L = r->L;
    unsigned char close = is_object ? '}' : ']';
    lua_Integer count = 0;
    lua_newtable(L);
    pass_space(r);
    if (r->at < r->end && *r->at == close) {
        r->at++;
        if (is_object) return 1;
        lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_array);
        lua_setmetatable(L, -2);
        return 1;
    }
    for (;;) {
        pass_space(r);
        if (r->at == r->end) return lh_json_wrong(r, "the text ends before the value is complete");
        if (is_object) {
            if (*r->at != '"') return unexpected(r, "a key in double quotes");
            if (!lh_json_read_string(r)) return 0;
            pass_space(r);
            if (r->at == r->end) return lh_json_wrong(r, "the text ends after a key");
            if (*r->at != ':') return unexpected(r, "a colon after the key");
            r->at++;
        }
        if (!read_value(r, depth)) return 0;
        if (is_object) lua_rawset(L, -3);
        else lua_rawseti(L, -2, ++count);
        pass_space(r);
        if (r->at == r->end) return lh_json_wrong(r, "the text ends before the value is complete");
        if (*r->at == close) break;
        if (*r->at != ',') return unexpected(r, is_object ? "a comma or }" : "a comma or ]");
        r->at++;
    }
    r->at++;
    return 1;
}

/* [-0, +1, may raise] 0: r->problem says what is wrong, and what was pushed by then is the caller's to drop */
static int read_value(lh_json_reader *r, int depth) {
    lua_State *L = r->L;
    lh_tick(L);
    luaL_checkstack(L, 6, "too deep");
    pass_space(r);
    if (r->at == r->end) return lh_json_wrong(r, "the text ends before the value is complete");
    switch (*r->at) {
    case '{':
    case '[':
        if (depth >= MAX_DEPTH) {
            snprintf(r->made, sizeof r->made, "more than %d nested objects and arrays", MAX_DEPTH);
            return lh_json_wrong(r, r->made);
        }
        return read_items(r, *r->at++ == '{', depth + 1);
    case '"': return lh_json_read_string(r);
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        return lh_json_read_number(r);
    case 't':
    case 'f': {
        int is_true = *r->at == 't';
        if (!read_word(r, is_true ? "true" : "false")) return 0;
        lua_pushboolean(L, is_true);
        return 1;
    }
    case 'n':
        if (!read_word(r, "null")) return 0;
        lh_push_null(L);
        return 1;
    default: return unexpected(r, "a value");
    }
}

/* host.json_decode(text) -> value; or nil and what is wrong, with line and column [-1, +1 or 2, may raise] */
static int json_decode(lua_State *L) {
    size_t count;
    const char *text = luaL_checklstring(L, 1, &count);
    lh_json_reader r = {.L = L, .start = (const unsigned char *)text, .at = (const unsigned char *)text};
    r.end = r.start + count;
    if (count >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) r.at += 3;
    if (read_value(&r, 0)) {
        pass_space(&r);
        if (r.at == r.end) return 1;
        lh_json_wrong(&r, "something follows the complete value");
    }
    lua_settop(L, 1);
    lua_Integer line = 1;
    const unsigned char *begin = r.start, *feed;
    while ((feed = memchr(begin, '\n', (size_t)(r.place - begin)))) line += 1, begin = feed + 1;
    lua_pushnil(L);
    lua_pushfstring(L, "line %I, column %I: %s", (LUAI_UACINT)line, (LUAI_UACINT)(r.place - begin + 1), r.problem);
    return 2;
}

int lh_open_json_read(lua_State *L) {
    lua_pushcfunction(L, json_decode);
    lua_setfield(L, 1, "json_decode");
    return 0;
}
