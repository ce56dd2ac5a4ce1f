/* Amounts as text, and why a text is none. */
#ifndef LH_MONEY_H
#define LH_MONEY_H

#include "lh_state.h"

enum { LH_MONEY_TEXT = 24 };

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

int lh_open_money(lua_State *L);      /* [-0, +0, may raise] host table at 1 */

#endif
