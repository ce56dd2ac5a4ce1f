/*
 * Private header: the items of Lua patterns, such as "%d", "[^,]" or "x": where
 * one ends, and which bytes it matches. Classes and sets are in lh_class.h.
 */
#ifndef LH_ITEM_H
#define LH_ITEM_H

#include <stdbool.h>

#include <lua5.4/lauxlib.h>

#include "lh_class.h"
#include "lh_pattern.h"

/* The end of the set whose '[' is at `set`. [-0, +0, may raise] */
static inline const char *lh_set_end(struct lh_matcher *m, const char *set) {
    const char *p = set + 1;
    if (*p == '^') {
        p++;
    }
    /* A ']' in first place stands for itself, so look for the end after it. */
    do {
        if (p == m->pattern_end) {
            luaL_error(m->meter.L, "malformed pattern (missing ']')");
        }
        if (*p++ == '%' && p < m->pattern_end) {
            p++;
        }
    } while (*p != ']');
    return p + 1;
}

/* The end of the item at p, without its repetition mark. [-0, +0, may raise] */
static inline const char *lh_item_end(struct lh_matcher *m, const char *p) {
    if (*p == '%') {
        if (p + 1 == m->pattern_end) {
            luaL_error(m->meter.L, "malformed pattern (ends with '%%')");
        }
        return p + 2;
    }
    return *p == '[' ? lh_set_end(m, p) : p + 1;
}

static inline bool lh_item_matches(const char *item, const char *end, unsigned char c) {
    switch (*item) {
    case '.': return true;
    case '%': return lh_in_class(c, (unsigned char)item[1]);
    case '[': return lh_in_set(c, item, end - 1);
    default: return (unsigned char)*item == c;
    }
}

#endif
