/*
 * Private header: what scripts compute without asking their host. Money, durations and JSON need no right, and a call
 * of the host is dear once a script runs behind a second wall.
 */
#ifndef LH_COMPUTE_H
#define LH_COMPUTE_H

#include "lh_internal.h"

enum { LH_NUMBER_TEXT = 32, LH_MONEY_TEXT = 24, LH_SHORTEST = 17 };

/* lh_number.c. The shortest digits that read back as `value`, which is finite and above zero, the nearest of those:
 * value = 0.d1d2… × 10^exponent. Gives their count, at most LH_SHORTEST. */
int lh_shortest_digits(double value, char *digits, int *exponent);
/* The text of a double as Swift prints it. Gives its length, below LH_NUMBER_TEXT. */
size_t lh_number_text(double value, char *text);

/* lh_money.c. Why a text is no amount; LH_MONEY_FINE: it is one. */
enum lh_money_fault {
    LH_MONEY_FINE = 0, LH_MONEY_EMPTY, LH_MONEY_BYTE, LH_MONEY_DECIMALS, LH_MONEY_LARGE, LH_MONEY_DIGITS
};
/* Micro-USDC of a decimal text. `sign`: what stands before the decimals, '.' or ','. `bad`: the byte that has no place
 * in an amount. */
enum lh_money_fault lh_money_parse(const char *bytes, size_t count, char sign, int64_t *micro, unsigned char *bad);
/* At least two decimals, such as 12.50. Gives its length, below LH_MONEY_TEXT. */
size_t lh_money_text(int64_t micro, char *text);

/* lh_money_reason.c. Why, in words; false: only the host can tell, which knows the names of all characters.
 * [-0, +1 or 0, may raise] */
int lh_push_money_reason(lua_State *L, enum lh_money_fault fault, unsigned char bad, const char *bytes, size_t count,
                         char sign);
/* What an amount such as 1.234 may mean, if it can be read in two ways. [-0, +1 or 0, may raise] */
int lh_push_money_readings(lua_State *L, const char *bytes, size_t count);

/* lh_json_read.c. How long the character is that begins at `at`; 0: these bytes are no UTF-8. */
size_t lh_utf8_length(const unsigned char *at, const unsigned char *end);

#endif
