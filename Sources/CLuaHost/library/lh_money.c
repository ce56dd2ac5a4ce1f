/* Exact money: decimal text to integer micro-USDC and back, by the rules of Swift's Money. No step rounds and none goes
 * through a binary fraction. */
#include <math.h>

#include "lh_money.h"
#include "lh_codec.h"
#include "lh_number.h"

enum { PER_DOLLAR = 1000000, DECIMALS = 6 };

/* Adds a digit; 0: it does not fit. */
static int add_digit(uint64_t *micro, unsigned digit) {
    return !__builtin_mul_overflow(*micro, (uint64_t)10, micro) && !__builtin_add_overflow(*micro, digit, micro);
}

enum lh_money_fault lh_money_parse(const char *bytes, size_t count, char sign, int64_t *micro, unsigned char *bad) {
    if (count == 0) return LH_MONEY_EMPTY;
    int negative = bytes[0] == '-', saw_sign = 0;
    uint64_t sum = 0;
    size_t whole = 0, decimals = 0;
    for (size_t at = negative ? 1 : 0; at < count; at++) {
        if (bytes[at] == sign && !saw_sign) {
            saw_sign = 1;
            continue;
        }
        unsigned digit = (unsigned char)bytes[at] - (unsigned)'0';
        if (digit > 9) {
            *bad = (unsigned char)bytes[at];
            return LH_MONEY_BYTE;
        }
        if (saw_sign && ++decimals > DECIMALS) {
            if (digit != 0) return LH_MONEY_DECIMALS;
            continue;
        }
        if (!saw_sign) whole += 1;
        if (!add_digit(&sum, digit)) return LH_MONEY_LARGE;
    }
    if (whole == 0 || (saw_sign && decimals == 0)) return LH_MONEY_DIGITS;
    for (size_t place = decimals; place < DECIMALS; place++)
        if (!add_digit(&sum, 0)) return LH_MONEY_LARGE;
    if (sum > INT64_MAX) return LH_MONEY_LARGE;
    *micro = negative ? -(int64_t)sum : (int64_t)sum;
    return LH_MONEY_FINE;
}

size_t lh_money_text(int64_t micro, char *text) {
    uint64_t magnitude = micro < 0 ? 0 - (uint64_t)micro : (uint64_t)micro;
    int length = snprintf(text, LH_MONEY_TEXT, "%s%llu.%06u", micro < 0 ? "-" : "",
                          (unsigned long long)(magnitude / PER_DOLLAR), (unsigned)(magnitude % PER_DOLLAR));
    for (int most = 4; most > 0 && text[length - 1] == '0'; most--) length--;
    text[length] = '\0';
    return (size_t)length;
}

/* nil and why a text is no amount; nil alone if only the host can tell [-0, +1 or 2, may raise] */
static int refuse(lua_State *L, enum lh_money_fault fault, unsigned char bad, const char *bytes, size_t count, char sign) {
    lua_pushnil(L);
    return 1 + lh_push_money_reason(L, fault, bad, bytes, count, sign);
}

/* [-0, +1 or 2, may raise] */
static int push_parsed(lua_State *L, int index, char sign) {
    size_t count;
    int64_t micro;
    unsigned char bad = 0;
    const char *bytes = lua_tolstring(L, index, &count);
    enum lh_money_fault fault = lh_money_parse(bytes, count, sign, &micro, &bad);
    if (fault != LH_MONEY_FINE) return refuse(L, fault, bad, bytes, count, sign);
    lh_push_box(L, micro);
    return 1;
}

/* The true reason why a double is no amount, in the words of Swift's Money(number:). [-0, +1, may raise] */
static void push_number_reason(lua_State *L, double value) {
    char text[LH_NUMBER_TEXT];
    lh_number_text(value, text);
    if (isnan(value)) lua_pushliteral(L, "not-a-number is not an amount; a computation before it has failed");
    else if (isinf(value)) lua_pushliteral(L, "an infinite number is not an amount; a computation before it has failed");
    else if (fabs(value) >= 9223372036854.775)
        lua_pushfstring(L, "the number %s is too large; the most that can be held is 9223372036854.775807 USD", text);
    else if (fabs(value) >= 0x1p32)
        lua_pushfstring(L, "the number %s is a float of 4294967296 or more, where floats no longer tell all amounts of "
                           "6 decimals apart; write the amount as a string, such as \"5000000000.00\", or as an integer",
                        text);
    else
        lua_pushfstring(L, "the number %s is not exact to 6 decimals; write the amount as a string, such as \"12.50\"",
                        text);
}

/* An amount that a double stands for beyond doubt: its shortest decimal form has at most six decimals.
 * [-0, +1 or 2, may raise] */
static int push_exact(lua_State *L, double value) {
    /* Below 2^32, half the distance to the next double (0.24 micro-USDC) and half a unit of the product's last place
     * (0.25) stay under one half together: rounding finds the one amount it can be. */
    if (fabs(value) < 0x1p32) {
        double scaled = round(value * PER_DOLLAR);
        if (scaled / PER_DOLLAR == value) {
            lh_push_box(L, (int64_t)scaled);
            return 1;
        }
    }
    lua_pushnil(L);
    push_number_reason(L, value);
    return 2;
}

/* host.money(value) -> money; or nil and why not, or nil alone where host.amount_problem says it [-1, +1 or 2, may raise] */
static int money(lua_State *L) {
    lua_settop(L, 1);
    if (lh_is_kind(L, 1, &lh_key_box)) return 1;
    if (lua_isinteger(L, 1)) {
        int64_t micro;
        lua_Integer dollars = lua_tointeger(L, 1);
        if (!__builtin_mul_overflow((int64_t)dollars, (int64_t)PER_DOLLAR, &micro)) {
            lh_push_box(L, micro);
            return 1;
        }
        lua_pushnil(L);
        lua_pushfstring(L, "the amount %I is too large", (LUAI_UACINT)dollars);
        return 2;
    }
    if (lua_type(L, 1) == LUA_TNUMBER) return push_exact(L, lua_tonumber(L, 1));
    if (lua_type(L, 1) == LUA_TSTRING) return push_parsed(L, 1, '.');
    lua_pushnil(L);
    lua_pushliteral(L, "an amount is missing");
    return 2;
}

/* host.money_text(money) -> its decimal text [-1, +1, may raise] */
static int money_text(lua_State *L) {
    char text[LH_MONEY_TEXT];
    int64_t micro = lh_is_kind(L, 1, &lh_key_box) ? *(const int64_t *)lua_touserdata(L, 1) : 0;
    size_t length = lh_money_text(micro, text);
    lua_pushlstring(L, text, length);
    return 1;
}

/* host.csv_amount(text, sign or nil) -> money; or nil and why not, or nil alone as of host.money [-2, +1 or 2, may raise] */
static int csv_amount(lua_State *L) {
    size_t count;
    const char *bytes = luaL_checklstring(L, 1, &count);
    if (!lua_isstring(L, 2)) {
        lua_pushnil(L);
        if (lh_push_money_readings(L, bytes, count)) return 2;
        lua_pop(L, 1);
    }
    return push_parsed(L, 1, *luaL_optstring(L, 2, ".") == ',' ? ',' : '.');
}

int lh_open_money(lua_State *L) {
    lua_pushcfunction(L, money);
    lua_setfield(L, 1, "money");
    lua_pushcfunction(L, money_text);
    lua_setfield(L, 1, "money_text");
    lua_pushcfunction(L, csv_amount);
    lua_setfield(L, 1, "csv_amount");
    return 0;
}
