/* Numbers of JSON texts. Whole ones that have no exact form stay the text that they are: rounded, two ids would be one. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "lh_json.h"
#include "lh_number.h"

static const unsigned char *digits_end(const unsigned char *at, const unsigned char *end) {
    while (at < end && *at >= '0' && *at <= '9') at++;
    return at;
}

static int wrong_number(lh_json_reader *r, const char *problem) {
    return lh_json_wrong(r, r->at < r->end ? problem : "the text ends inside a number");
}

/* Checks the grammar and moves behind the number. */
static int pass_number(lh_json_reader *r, int *is_whole) {
    const unsigned char *start = r->at;
    if (*r->at == '-') r->at++;
    const unsigned char *leading = r->at;
    r->at = digits_end(r->at, r->end);
    if (r->at == leading) return wrong_number(r, "a digit should follow the minus sign");
    if (r->at - leading > 1 && *leading == '0') return lh_json_wrong_at(r, start, "a number with a leading zero");
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

int lh_json_read_number(lh_json_reader *r) {
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
        return lh_json_wrong_at(r, start, "a number that is too large or too close to zero to be read; write it as a string");
    lua_pushnumber(r->L, value);
    return 1;
}
