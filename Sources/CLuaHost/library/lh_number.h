/* Doubles as text. */
#ifndef LH_NUMBER_H
#define LH_NUMBER_H

#include "lh_state.h"

enum { LH_NUMBER_TEXT = 32, LH_SHORTEST = 17 };

/* lh_number.c. The shortest digits that read back as `value`, which is finite and above zero, the nearest of those:
 * value = 0.d1d2… × 10^exponent. Gives their count, at most LH_SHORTEST. */
int lh_shortest_digits(double value, char *digits, int *exponent);
/* The text of a double as Swift prints it. Gives its length, below LH_NUMBER_TEXT. */
size_t lh_number_text(double value, char *text);

#endif
