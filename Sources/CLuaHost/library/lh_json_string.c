/* Strings of JSON texts: UTF-8 that is checked, escapes, surrogate pairs. */
#include "lh_json.h"

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
static int wrong_character(lh_json_reader *r) {
    unsigned char lead = *r->at;
    size_t length = lead < 0xC2 || lead > 0xF4 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length > (size_t)(r->end - r->at)) return lh_json_wrong(r, "the text ends inside a character");
    return lh_json_wrong(r, "a byte that is not UTF-8");
}

/* Moves to the next quote or backslash, checking what lies between. [-0, +0, may raise] */
static int pass_plain(lh_json_reader *r) {
    const unsigned char *look = r->at + LH_JSON_TICK_BYTES;
    while (r->at < r->end) {
        unsigned char c = *r->at;
        if (c == '"' || c == '\\') return 1;
        if (c < 0x20) return lh_json_wrong(r, "an unescaped control character in a string");
        size_t length = c < 0x80 ? 1 : lh_utf8_length(r->at, r->end);
        if (length == 0) return wrong_character(r);
        r->at += length;
        if (r->at >= look) {
            lh_tick(r->L);
            look = r->at + LH_JSON_TICK_BYTES;
        }
    }
    return lh_json_wrong(r, "the text ends inside a string");
}

static int read_hex(lh_json_reader *r, unsigned *value) {
    if (r->end - r->at < 4) return lh_json_wrong(r, "the text ends inside an escape");
    *value = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        unsigned char c = *r->at, lower = c | 0x20;
        int is_digit = c >= '0' && c <= '9';
        if (!is_digit && (lower < 'a' || lower > 'f')) return lh_json_wrong(r, "an escape without four hexadecimal digits");
        *value = *value << 4 | (unsigned)(is_digit ? c - '0' : lower - 'a' + 10);
    }
    return 1;
}

/* The scalar of the escape whose backslash is at r->at. */
static int read_escape(lh_json_reader *r, unsigned *scalar) {
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const unsigned char *start = r->at;
    if (r->end - r->at < 2) return lh_json_wrong(r, "the text ends inside an escape");
    unsigned char kind = r->at[1];
    r->at += 2;
    const char *name = kind ? strchr(names, kind) : NULL;
    if (name) {
        *scalar = (unsigned char)meant[name - names];
        return 1;
    }
    if (kind != 'u') return lh_json_wrong_at(r, start, "an escape that JSON does not have");
    if (!read_hex(r, scalar)) return 0;
    if (*scalar < 0xD800 || *scalar > 0xDFFF) return 1;
    unsigned low;
    if (*scalar > 0xDBFF || r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u')
        return lh_json_wrong_at(r, start, "half of a surrogate pair");
    r->at += 2;
    if (!read_hex(r, &low)) return 0;
    if (low < 0xDC00 || low > 0xDFFF) return lh_json_wrong_at(r, start, "half of a surrogate pair");
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

int lh_json_read_string(lh_json_reader *r) {
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
