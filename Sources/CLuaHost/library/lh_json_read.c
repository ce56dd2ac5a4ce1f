/* json.decode: JSON text (RFC 8259) to Lua values, in one pass and with no tree in between. Whole numbers that have no
 * exact form stay the text that they are: rounded, two ids would be one. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "lh_compute.h"

enum { MAX_DEPTH = 100, TICK_BYTES = 1 << 16 };

typedef struct {
    lua_State *L;
    const unsigned char *start, *at, *end;
    const unsigned char *token;  /* where the last number began */
    const char *problem;         /* what is wrong, and where */
    const unsigned char *place;
    char made[96];
} reader;

/* Always 0, for `return`. */
static int wrong_at(reader *r, const unsigned char *place, const char *problem) {
    r->problem = problem;
    r->place = place;
    return 0;
}

static int wrong(reader *r, const char *problem) { return wrong_at(r, r->at, problem); }

/* Something else stands where `wanted` should be. */
static int unexpected(reader *r, const char *wanted) {
    unsigned char c = *r->at;
    char shown[16];
    if (c == '\n') snprintf(shown, sizeof shown, "\\n");
    else if (c == '\r') snprintf(shown, sizeof shown, "\\r");
    else if (c == '\t') snprintf(shown, sizeof shown, "\\t");
    else if (c < 0x20 || c == 0x7F) snprintf(shown, sizeof shown, "\\u{%x}", c);
    else if (c >= 0x80) snprintf(shown, sizeof shown, "\xEF\xBF\xBD");
    else snprintf(shown, sizeof shown, "%c", c);
    snprintf(r->made, sizeof r->made, "\"%s\" where %s should be", shown, wanted);
    return wrong(r, r->made);
}

static void pass_space(reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')) r->at++;
}

/* Strings --------------------------------------------------------------------------------------------------- */

size_t lh_utf8_length(const unsigned char *at, const unsigned char *end) {
    unsigned char lead = *at, lowest = 0x80, highest = 0xBF;
    size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 0 || length > (size_t)(end - at)) return 0;
    if (lead == 0xE0) lowest = 0xA0;       /* overlong forms, */
    else if (lead == 0xED) highest = 0x9F; /* surrogates, */
    else if (lead == 0xF0) lowest = 0x90;
    else if (lead == 0xF4) highest = 0x8F; /* and what lies beyond U+10FFFF */
    for (size_t i = 1; i < length; i++) {
        if (at[i] < lowest || at[i] > highest) return 0;
        lowest = 0x80;
        highest = 0xBF;
    }
    return length;
}

/* Why the bytes at r->at are no character. */
static int wrong_character(reader *r) {
    unsigned char lead = *r->at;
    size_t length = lead < 0xC2 || lead > 0xF4 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length > (size_t)(r->end - r->at)) return wrong(r, "the text ends inside a character");
    return wrong(r, "a byte that is not UTF-8");
}

/* Moves to the next quote or backslash, checking what lies between. [-0, +0, may raise] */
static int pass_plain(reader *r) {
    const unsigned char *look = r->at + TICK_BYTES;
    while (r->at < r->end) {
        unsigned char c = *r->at;
        if (c == '"' || c == '\\') return 1;
        if (c < 0x20) return wrong(r, "an unescaped control character in a string");
        size_t length = c < 0x80 ? 1 : lh_utf8_length(r->at, r->end);
        if (length == 0) return wrong_character(r);
        r->at += length;
        if (r->at >= look) {
            lh_tick(r->L);
            look = r->at + TICK_BYTES;
        }
    }
    return wrong(r, "the text ends inside a string");
}

static int read_hex(reader *r, unsigned *value) {
    if (r->end - r->at < 4) return wrong(r, "the text ends inside an escape");
    *value = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        unsigned char c = *r->at, lower = c | 0x20;
        int is_digit = c >= '0' && c <= '9';
        if (!is_digit && (lower < 'a' || lower > 'f')) return wrong(r, "an escape without four hexadecimal digits");
        *value = *value << 4 | (unsigned)(is_digit ? c - '0' : lower - 'a' + 10);
    }
    return 1;
}

/* The scalar of the escape whose backslash is at r->at. */
static int read_escape(reader *r, unsigned *scalar) {
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const unsigned char *start = r->at;
    if (r->end - r->at < 2) return wrong(r, "the text ends inside an escape");
    unsigned char kind = r->at[1];
    r->at += 2;
    const char *name = kind ? strchr(names, kind) : NULL;
    if (name) {
        *scalar = (unsigned char)meant[name - names];
        return 1;
    }
    if (kind != 'u') return wrong_at(r, start, "an escape that JSON does not have");
    if (!read_hex(r, scalar)) return 0;
    if (*scalar < 0xD800 || *scalar > 0xDFFF) return 1;
    unsigned low;
    if (*scalar > 0xDBFF || r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u')
        return wrong_at(r, start, "half of a surrogate pair");
    r->at += 2;
    if (!read_hex(r, &low)) return 0;
    if (low < 0xDC00 || low > 0xDFFF) return wrong_at(r, start, "half of a surrogate pair");
    *scalar = 0x10000 + ((*scalar - 0xD800) << 10) + (low - 0xDC00);
    return 1;
}

static void add_scalar(luaL_Buffer *out, unsigned scalar) {
    if (scalar < 0x80) {
        luaL_addchar(out, (char)scalar);
        return;
    }
    int tails = scalar < 0x800 ? 1 : scalar < 0x10000 ? 2 : 3;
    static const unsigned leads[] = {0, 0xC0, 0xE0, 0xF0};
    luaL_addchar(out, (char)(leads[tails] | scalar >> 6 * tails));
    while (tails-- > 0) luaL_addchar(out, (char)(0x80 | (scalar >> 6 * tails & 0x3F)));
}

/* A string whose opening quote is at r->at. [-0, +1, may raise] */
static int read_string(reader *r) {
    const unsigned char *run = ++r->at;
    if (!pass_plain(r)) return 0;
    if (*r->at == '"') {
        lua_pushlstring(r->L, (const char *)run, (size_t)(r->at - run));
        r->at++;
        return 1;
    }
    luaL_Buffer out;
    luaL_buffinit(r->L, &out);
    for (;;) { /* at a backslash or the closing quote */
        luaL_addlstring(&out, (const char *)run, (size_t)(r->at - run));
        if (*r->at == '"') break;
        unsigned scalar;
        if (!read_escape(r, &scalar)) return 0;
        add_scalar(&out, scalar);
        run = r->at;
        if (!pass_plain(r)) return 0;
    }
    luaL_pushresult(&out);
    r->at++;
    return 1;
}

/* Numbers --------------------------------------------------------------------------------------------------- */

static const unsigned char *digits_end(const unsigned char *at, const unsigned char *end) {
    while (at < end && *at >= '0' && *at <= '9') at++;
    return at;
}

static int wrong_number(reader *r, const char *problem) {
    return wrong(r, r->at < r->end ? problem : "the text ends inside a number");
}

/* Checks the grammar and moves behind the number. */
static int pass_number(reader *r, int *is_whole) {
    const unsigned char *start = r->at;
    if (*r->at == '-') r->at++;
    const unsigned char *leading = r->at;
    r->at = digits_end(r->at, r->end);
    if (r->at == leading) return wrong_number(r, "a digit should follow the minus sign");
    if (r->at - leading > 1 && *leading == '0') return wrong_at(r, start, "a number with a leading zero");
    *is_whole = 1;
    if (r->at < r->end && *r->at == '.') {
        const unsigned char *fraction = ++r->at;
        *is_whole = 0;
        r->at = digits_end(r->at, r->end);
        if (r->at == fraction) return wrong_number(r, "a digit should follow the dot");
    }
    if (r->at < r->end && (*r->at | 0x20) == 'e') {
        *is_whole = 0;
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-')) r->at++;
        const unsigned char *power = r->at;
        r->at = digits_end(r->at, r->end);
        if (r->at == power) return wrong_number(r, "a digit should follow the exponent sign");
    }
    return 1;
}

/* Whether an integer literal fits in 64 bits. */
static int read_integer(const unsigned char *at, const unsigned char *end, int64_t *value) {
    int negative = *at == '-';
    *value = 0;
    for (at += negative; at < end; at++) {
        int64_t digit = *at - '0';
        if (__builtin_mul_overflow(*value, (int64_t)10, value)) return 0;
        if (__builtin_add_overflow(*value, negative ? -digit : digit, value)) return 0;
    }
    return 1;
}

/* A literal as digits × 10^exponent without zeros at either end; a count above LH_SHORTEST stands for any such. */
typedef struct {
    char digits[LH_SHORTEST + 1];
    int count;
    int64_t exponent;
} literal;

/* 0: its exponent is beyond all bounds. */
static int read_literal(const unsigned char *at, const unsigned char *end, literal *out) {
    int64_t zeros = 0; /* behind the digits so far */
    int saw_dot = 0;
    out->count = 0;
    out->exponent = 0;
    for (; at < end && (*at | 0x20) != 'e'; at++) {
        if (*at == '-') continue;
        if (*at == '.') {
            saw_dot = 1;
            continue;
        }
        if (saw_dot) out->exponent -= 1;
        if (*at == '0') {
            if (out->count > 0) zeros += 1;
            continue;
        }
        for (; zeros > 0 && out->count <= LH_SHORTEST; zeros--) out->digits[out->count++] = '0';
        zeros = 0;
        if (out->count <= LH_SHORTEST) out->digits[out->count++] = (char)*at;
    }
    out->exponent += zeros;
    if (at < end) {
        errno = 0;
        long long power = strtoll((const char *)at + 1, NULL, 10);
        if (errno == ERANGE || power >= 1LL << 32 || power <= -(1LL << 32)) return 0;
        out->exponent += power;
    }
    if (out->count == 0) out->exponent = 0;
    return 1;
}

/* Whether a number with a fraction or an exponent is a whole one that `value` is not faithful to: the shortest text
 * that means it is another number. */
static int is_whole_beyond_exactness(const unsigned char *at, const unsigned char *end, double value) {
    literal text;
    if (!isfinite(value) || fabs(value) < 0x1p53 || !read_literal(at, end, &text) || text.exponent < 0) return 0;
    char digits[LH_SHORTEST + 1];
    int exponent, count = lh_shortest_digits(fabs(value), digits, &exponent);
    return text.count != count || text.exponent != exponent - count || memcmp(digits, text.digits, (size_t)count) != 0;
}

static int has_digits(const unsigned char *at, const unsigned char *end) {
    for (; at < end && (*at | 0x20) != 'e'; at++)
        if (*at >= '1' && *at <= '9') return 1;
    return 0;
}

/* [-0, +1, may raise] */
static int read_number(reader *r) {
    int is_whole;
    int64_t integer;
    const unsigned char *start = r->at;
    if (!pass_number(r, &is_whole)) return 0;
    size_t count = (size_t)(r->at - start);
    if (is_whole && read_integer(start, r->at, &integer)) {
        lua_pushinteger(r->L, integer);
        return 1;
    }
    if (is_whole) {
        lua_pushlstring(r->L, (const char *)start, count);
        return 1;
    }
    /* A string of Lua ends with a zero, and nothing that strtod would take for more of the number can follow. */
    double value = strtod((const char *)start, NULL);
    if (is_whole_beyond_exactness(start, r->at, value)) {
        lua_pushlstring(r->L, (const char *)start, count);
        return 1;
    }
    if (!isfinite(value) || (value == 0 && has_digits(start, r->at)))
        return wrong_at(r, start, "a number that is too large or too close to zero to be read; write it as a string");
    lua_pushnumber(r->L, value);
    return 1;
}

/* Values ---------------------------------------------------------------------------------------------------- */

static int read_word(reader *r, const char *word) {
    const unsigned char *start = r->at;
    for (; *word; word++, r->at++) {
        if (r->at == r->end) return wrong_at(r, start, "the text ends inside a literal");
        if (*r->at != (unsigned char)*word) return wrong_at(r, start, "a word that is not true, false or null");
    }
    return 1;
}

static int read_value(reader *r, int depth);

/* The values or entries of an array or object whose bracket has been passed. [-0, +1, may raise] */
static int read_items(reader *r, int is_object, int depth) {
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
        if (r->at == r->end) return wrong(r, "the text ends before the value is complete");
        if (is_object) {
            if (*r->at != '"') return unexpected(r, "a key in double quotes");
            if (!read_string(r)) return 0;
            pass_space(r);
            if (r->at == r->end) return wrong(r, "the text ends after a key");
            if (*r->at != ':') return unexpected(r, "a colon after the key");
            r->at++;
        }
        if (!read_value(r, depth)) return 0;
        if (is_object) lua_rawset(L, -3);
        else lua_rawseti(L, -2, ++count);
        pass_space(r);
        if (r->at == r->end) return wrong(r, "the text ends before the value is complete");
        if (*r->at == close) break;
        if (*r->at != ',') return unexpected(r, is_object ? "a comma or }" : "a comma or ]");
        r->at++;
    }
    r->at++;
    return 1;
}

/* [-0, +1, may raise] 0: r->problem says what is wrong, and what was pushed by then is the caller's to drop */
static int read_value(reader *r, int depth) {
    lua_State *L = r->L;
    lh_tick(L);
    luaL_checkstack(L, 6, "too deep");
    pass_space(r);
    if (r->at == r->end) return wrong(r, "the text ends before the value is complete");
    switch (*r->at) {
    case '{':
    case '[':
        if (depth >= MAX_DEPTH) {
            snprintf(r->made, sizeof r->made, "more than %d nested objects and arrays", MAX_DEPTH);
            return wrong(r, r->made);
        }
        return read_items(r, *r->at++ == '{', depth + 1);
    case '"': return read_string(r);
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        return read_number(r);
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
    reader r = {.L = L, .start = (const unsigned char *)text, .at = (const unsigned char *)text};
    r.end = r.start + count;
    if (count >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) r.at += 3;
    if (read_value(&r, 0)) {
        pass_space(&r);
        if (r.at == r.end) return 1;
        wrong(&r, "something follows the complete value");
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
