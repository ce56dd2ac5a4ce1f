/*
 * Private header: character classes and sets of Lua patterns, those of the
 * "C" locale whatever the process has set. Where a set ends is the caller's
 * to know.
 */
#ifndef LH_CLASS_H
#define LH_CLASS_H

#include <stdbool.h>

static inline bool lh_in_range(unsigned char c, unsigned char first, unsigned char last) {
    return (unsigned char)(c - first) <= (unsigned char)(last - first);
}

static inline bool lh_is_letter(unsigned char c) {
    return lh_in_range(c | 0x20, 'a', 'z');
}

static inline bool lh_is_digit(unsigned char c) {
    return lh_in_range(c, '0', '9');
}

/* Whether c belongs to the class that follows a '%', or is that very byte. */
static inline bool lh_in_class(unsigned char c, unsigned char name) {
    bool member;
    switch (lh_is_letter(name) ? name | 0x20 : name) {
    case 'a': member = lh_is_letter(c); break;
    case 'c': member = c < 0x20 || c == 0x7f; break;
    case 'd': member = lh_is_digit(c); break;
    case 'g': member = lh_in_range(c, 0x21, 0x7e); break;
    case 'l': member = lh_in_range(c, 'a', 'z'); break;
    case 'p': member = lh_in_range(c, 0x21, 0x7e) && !lh_is_letter(c) && !lh_is_digit(c); break;
    case 's': member = c == ' ' || lh_in_range(c, '\t', '\r'); break;
    case 'u': member = lh_in_range(c, 'A', 'Z'); break;
    case 'w': member = lh_is_letter(c) || lh_is_digit(c); break;
    case 'x': member = lh_is_digit(c) || lh_in_range(c | 0x20, 'a', 'f'); break;
    case 'z': member = c == '\0'; break; /* deprecated since 5.2, and still there */
    default: return name == c;
    }
    return lh_in_range(name, 'A', 'Z') ? !member : member;
}

/* Whether c is in the set that opens at `set` and whose ']' is at `close`. */
static inline bool lh_in_set(unsigned char c, const char *set, const char *close) {
    bool found = true;
    const char *p = set + 1;
    if (*p == '^') {
        found = false;
        p++;
    }
    while (p < close) {
        unsigned char first = (unsigned char)*p;
        if (first == '%') {
            if (lh_in_class(c, (unsigned char)p[1])) {
                return found;
            }
            p += 2;
        } else if (p[1] == '-' && p + 2 < close) {
            if (first <= c && c <= (unsigned char)p[2]) {
                return found;
            }
            p += 3;
        } else {
            if (first == c) {
                return found;
            }
            p++;
        }
    }
    return !found;
}

#endif
