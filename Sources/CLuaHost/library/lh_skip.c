/*
 * Where a pattern can match at all, by its first item alone.
 */
#include <string.h>

#include "lh_class.h"
#include "lh_item.h"

const char *lh_skip(struct lh_matcher *m, const char *at, const char *pattern) {
    const char *item = *pattern == '(' ? pattern + 1 : pattern;
    if (item == m->pattern_end) {
        return at;
    }
    switch (*item) {
    case '.': case '$': case '(': case ')':
        return at;
    case '%':
        if (item[1] == 'b' || item[1] == 'f' || lh_is_digit((unsigned char)item[1])) {
            return at;
        }
        break;
    default:
        break;
    }
    const char *end = lh_item_end(m, item);
    if (*end == '*' || *end == '?' || *end == '-') {
        return at;
    }
    size_t stride = LH_STEPS_PER_TICK / (size_t)(end - item) + 1;
    bool literal = end - item == 1;
    for (const char *s = at; s < m->subject_end;) {
        size_t left = (size_t)(m->subject_end - s);
        const char *stop = s + (left < stride ? left : stride);
        if (literal) {
            const char *found = memchr(s, *item, (size_t)(stop - s));
            if (found != NULL) {
                return found;
            }
            s = stop;
        } else {
            while (s < stop && !lh_item_matches(item, end, (unsigned char)*s)) {
                s++;
            }
            if (s < stop) {
                return s;
            }
        }
        if (left > stride) {
            lh_tick(m->meter.L);
        }
    }
    return m->subject_end;
}
