/* Doubles as text: the shortest digits that read back as the same number, in the form in which Swift prints them, so
 * that a number looks the same wherever it was written. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "lh_number.h"

enum { CERTAIN = 15 }; /* so many digits survive the way to a double and back */

/* The digits of "%.*e" and the exponent that makes 0.d1d2… of them. */
static int take_apart(const char *text, char *digits, int *exponent) {
    int count = 0;
    for (; *text && *text != 'e'; text++)
        if (*text >= '0' && *text <= '9') digits[count++] = *text;
    *exponent = *text ? atoi(text + 1) + 1 : 1;
    return count;
}

/* Whether 0.d1d2… × 10^exponent is read as `value`. */
static int reads_back(double value, const char *digits, int count, int exponent) {
    char text[LH_SHORTEST + 16];
    snprintf(text, sizeof text, "%.*se%d", count, digits, exponent - count);
    return strtod(text, NULL) == value;
}

/* The next number of as many digits. */
static void step_up(char *digits, int count, int *exponent) {
    int place = count - 1;
    while (place >= 0 && digits[place] == '9') digits[place--] = '0';
    if (place >= 0) {
        digits[place] += 1;
    } else {
        digits[0] = '1';
        *exponent += 1;
    }
}

int lh_shortest_digits(double value, char *digits, int *exponent) {
    char text[LH_NUMBER_TEXT];
    int power, is_power = frexp(value, &power) == 0.5;
    int count = value < DBL_MIN ? 1 : CERTAIN; /* below, numbers lie too far apart for as many digits */
    for (; count < LH_SHORTEST; count++) {
        snprintf(text, sizeof text, "%.*e", count - 1, value);
        take_apart(text, digits, exponent);
        if (reads_back(value, digits, count, *exponent)) break;
        if (!is_power) continue;
        step_up(digits, count, exponent); /* a power of two has more room above than below */
        if (reads_back(value, digits, count, *exponent)) break;
    }
    if (count == LH_SHORTEST) {
        snprintf(text, sizeof text, "%.*e", count - 1, value);
        take_apart(text, digits, exponent);
    }
    while (count > 1 && digits[count - 1] == '0') count--;
    return count;
}

size_t lh_number_text(double value, char *text) {
    if (isnan(value)) return (size_t)snprintf(text, LH_NUMBER_TEXT, "nan");
    const char *minus = signbit(value) ? "-" : "";
    double magnitude = fabs(value);
    if (isinf(value)) return (size_t)snprintf(text, LH_NUMBER_TEXT, "%sinf", minus);
    if (value == 0) return (size_t)snprintf(text, LH_NUMBER_TEXT, "%s0.0", minus);
    char digits[LH_SHORTEST + 1];
    int exponent, count = lh_shortest_digits(magnitude, digits, &exponent);
    static const char zeros[] = "0000000000000000";
    int length;
    if (exponent < -3 || magnitude > 0x1p53)
        length = snprintf(text, LH_NUMBER_TEXT, "%s%c%s%.*se%c%02d", minus, digits[0], count > 1 ? "." : "", count - 1,
                          digits + 1, exponent > 0 ? '+' : '-', abs(exponent - 1));
    else if (exponent <= 0)
        length = snprintf(text, LH_NUMBER_TEXT, "%s0.%.*s%.*s", minus, -exponent, zeros, count, digits);
    else if (exponent >= count)
        length = snprintf(text, LH_NUMBER_TEXT, "%s%.*s%.*s.0", minus, count, digits, exponent - count, zeros);
    else
        length = snprintf(text, LH_NUMBER_TEXT, "%s%.*s.%.*s", minus, exponent, digits, count - exponent,
                          digits + exponent);
    return (size_t)length;
}
