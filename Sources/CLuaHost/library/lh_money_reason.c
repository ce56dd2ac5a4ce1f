/* Why a text is no amount, in the words of Swift's AmountReasons. A text with characters beyond ASCII is left to the
 * host, which can name them. */
#include "lh_money.h"

enum { SHOWN = 40, LONGEST_ADVICE = 1000 };

static int is_space(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static int is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
static int groups_thousands(unsigned char c) { return is_space(c) || c == '\''; }

/* The text in quotes, cut where it is long, control characters made visible. [-0, +1, may raise] */
static const char *push_shown(lua_State *L, const char *bytes, size_t count) {
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    luaL_addchar(&out, '"');
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        unsigned char c = (unsigned char)bytes[i];
        char escape[16];
        if (c == '\n') luaL_addstring(&out, "\\n");
        else if (c == '\r') luaL_addstring(&out, "\\r");
        else if (c == '\t') luaL_addstring(&out, "\\t");
        else if (c < 0x20 || c == 0x7F) {
            snprintf(escape, sizeof escape, "\\u{%x}", c);
            luaL_addstring(&out, escape);
        } else luaL_addchar(&out, (char)c);
    }
    luaL_addstring(&out, count > SHOWN ? "\xE2\x80\xA6\"" : "\"");
    luaL_pushresult(&out);
    return lua_tostring(L, -1);
}

/* [-0, +0] whether a text without its grouping is an amount, read with this sign */
static int is_amount(const char *bytes, size_t count, char sign) {
    int64_t micro;
    unsigned char bad;
    return lh_money_parse(bytes, count, sign, &micro, &bad) == LH_MONEY_FINE;
}

/* For a number whose thousands are set apart by spaces or apostrophes. [-0, +1 or 0, may raise] */
static int push_grouping(lua_State *L, const char *text, const char *bytes, size_t count, char sign, const char *example) {
    char rest[LONGEST_ADVICE + 1];
    size_t place = 1, kept = 0;
    while (place + 1 < count && !groups_thousands((unsigned char)bytes[place])) place++;
    if (count > LONGEST_ADVICE || place + 1 >= count) return 0;
    if (!is_digit((unsigned char)bytes[place - 1]) || !is_digit((unsigned char)bytes[place + 1])) return 0;
    for (size_t i = 0; i < count; i++)
        if (!groups_thousands((unsigned char)bytes[i])) rest[kept++] = bytes[i];
    rest[kept] = '\0';
    char other = sign == '.' ? ',' : '.', name[32];
    unsigned char mark = (unsigned char)bytes[place];
    snprintf(name, sizeof name, "U+%04X%s", mark, mark == ' ' ? " (space)" : mark == '\'' ? " (apostrophe)" : "");
    if (!is_amount(rest, kept, sign)) {
        if (!is_amount(rest, kept, other)) {
            lua_pushfstring(L, "%s has %s in it; write digits alone, such as %s", text, name, example);
            return 1;
        }
        for (size_t i = 0; i < kept; i++)
            if (rest[i] == other) rest[i] = sign;
    }
    lua_pushfstring(L, "%s has %s in it; leave it out and write %s", text, name, rest);
    return 1;
}

/* For a byte that has no place in an amount. [-0, +1, may raise] */
static int push_byte_reason(lua_State *L, unsigned char bad, const char *text, const char *bytes, size_t count, char sign) {
    const char *example = sign == '.' ? "12.50" : "12,50", *name = sign == '.' ? "dot" : "comma";
    if (is_space((unsigned char)bytes[0]) || is_space((unsigned char)bytes[count - 1])) {
        lua_pushfstring(L, "%s has a space around it; write the number alone, such as %s", text, example);
        return 1;
    }
    if (bad == (unsigned char)sign) {
        lua_pushfstring(L, "%s has more than one %s; write US dollars as digits with at most one %s, such as %s", text, name,
                        name, example);
        return 1;
    }
    switch (bad) {
    case ',':
        lua_pushfstring(L, "%s has a comma; use a dot for decimals and no separator for thousands, such as 1234.50", text);
        return 1;
    case '.': lua_pushfstring(L, "%s has a dot; with a decimal comma write 1234,50, without a dot", text); return 1;
    case '$':
        lua_pushfstring(L, "%s has a currency sign; write the number alone, such as %s", text, example);
        return 1;
    case ' ':
    case '\'':
        if (push_grouping(L, text, bytes, count, sign, example)) return 1;
        break;
    case '+': lua_pushfstring(L, "%s has a plus sign; leave it out", text); return 1;
    case 'e':
    case 'E':
        if (!is_digit((unsigned char)bytes[0])) break;
        lua_pushfstring(L, "%s has an exponent; write all digits, such as 1000 for 1e3", text);
        return 1;
    default: break;
    }
    lua_pushfstring(L, "%s is not an amount; write US dollars as digits with at most one %s, such as %s", text, name, example);
    return 1;
}

int lh_push_money_reason(lua_State *L, enum lh_money_fault fault, unsigned char bad, const char *bytes, size_t count,
                         char sign) {
    int is_point = sign == '.';
    if (fault == LH_MONEY_EMPTY) {
        lua_pushfstring(L, "the amount is empty; write US dollars such as %s", is_point ? "12.50" : "12,50");
        return 1;
    }
    for (size_t i = 0; i < count; i++)
        if ((unsigned char)bytes[i] >= 0x80) return 0;
    const char *text = push_shown(L, bytes, count);
    int shown = lua_gettop(L);
    if (fault == LH_MONEY_DECIMALS) /* a wrong character further on says more than the count of decimals */
        for (size_t i = bytes[0] == '-' ? 1 : 0; i < count && fault == LH_MONEY_DECIMALS; i++)
            if (!is_digit((unsigned char)bytes[i]) && bytes[i] != sign) fault = LH_MONEY_BYTE, bad = (unsigned char)bytes[i];
    switch (fault) {
    case LH_MONEY_BYTE: push_byte_reason(L, bad, text, bytes, count, sign); break;
    case LH_MONEY_DECIMALS:
        lua_pushfstring(L, "%s has more than 6 decimals; the smallest amount is %s USD", text,
                        is_point ? "0.000001" : "0,000001");
        break;
    case LH_MONEY_LARGE:
        lua_pushfstring(L, "%s is too large; the most that can be held is %s USD", text,
                        is_point ? "9223372036854.775807" : "9223372036854,775807");
        break;
    default:
        lua_pushfstring(L, "%s needs a digit before and after the %s; write %s or 12", text, is_point ? "dot" : "comma",
                        is_point ? "0.50" : "0,50");
    }
    lua_remove(L, shown);
    return 1;
}

int lh_push_money_readings(lua_State *L, const char *bytes, size_t count) {
    size_t from = count > 0 && bytes[0] == '-' ? 1 : 0, digits = count - from;
    if (digits < 5 || digits > 7 || bytes[from] == '0') return 0;
    size_t place = count - 4;
    char mark = bytes[place], thousands[16], decimals[16];
    if (mark != '.' && mark != ',') return 0;
    for (size_t i = from; i < count; i++)
        if (i != place && !is_digit((unsigned char)bytes[i])) return 0;
    snprintf(thousands, sizeof thousands, "%.*s%.3s", (int)place, bytes, bytes + place + 1);
    snprintf(decimals, sizeof decimals, "%.*s.%.3s", (int)place, bytes, bytes + place + 1);
    lua_pushfstring(L,
                    "\"%s\" may mean %s USD or %s USD: if the %s is this file's decimal sign, say decimal = \"%s\"; if it groups "
                    "thousands, write %s",
                    bytes, thousands, decimals, mark == '.' ? "point" : "comma", mark == '.' ? "." : ",", thousands);
    return 1;
}
