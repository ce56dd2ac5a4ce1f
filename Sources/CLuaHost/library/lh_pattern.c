/*
 * Lua patterns, matched with an explicit stack of choices instead of C
 * recursion, paying for every step. Errors in a pattern surface only when
 * matching reaches them, as in Lua. Items are in lh_item.h, where a match may
 * begin in lh_skip.c, what captures give to Lua in lh_capture.c.
 */
#include "lh_class.h"
#include "lh_item.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <lua5.4/lauxlib.h>

/*
 * The most choices one attempt keeps open. Lua's own limit on nesting is 200
 * calls, the first of which keeps no choice.
 */
enum { MAX_CHOICES = 199 };

enum choice_kind { GREEDY, LAZY, OPTIONAL, OPENED, CLOSED };

/* What to do when matching fails after this point. */
struct choice {
    enum choice_kind kind;
    const char *at;   /* subject position where the choice was taken */
    const char *rest; /* pattern to go on with */
    union {
        const char *item; /* LAZY: the repeated item, which ends at rest - 1 */
        size_t count;     /* GREEDY: repetitions not yet given back */
        int capture;      /* CLOSED: the capture to open again */
    } u;
};

/* How often the item matches in a row from `at`. [-0, +0, may raise] */
static size_t count_matches(struct lh_matcher *m, const char *at, const char *item, const char *end) {
    if (*item == '.') {
        return (size_t)(m->subject_end - at);
    }
    size_t cost = (size_t)(end - item);
    size_t stride = LH_STEPS_PER_TICK / cost + 1;
    const char *s = at;
    for (;;) {
        const char *start = s;
        size_t left = (size_t)(m->subject_end - s);
        const char *stop = s + (left < stride ? left : stride);
        while (s < stop && lh_item_matches(item, end, (unsigned char)*s)) {
            s++;
        }
        lh_spend(&m->meter, cost * (size_t)(s - start));
        if (s < stop || stop == m->subject_end) {
            return (size_t)(s - at);
        }
    }
}

/* Matches %bxy, `pair` being at x. NULL if it fails. [-0, +0, may raise] */
static const char *match_balanced(struct lh_matcher *m, const char *at, const char *pair) {
    if (m->pattern_end - pair < 2) {
        luaL_error(m->meter.L, "malformed pattern (missing arguments to '%%b')");
    }
    if (at == m->subject_end || *at != pair[0]) {
        return NULL;
    }
    size_t depth = 1;
    for (const char *s = at + 1; s < m->subject_end; s++) {
        lh_spend(&m->meter, 1);
        /* The closing byte comes first: with x == y a pair never nests. */
        if (*s == pair[1]) {
            if (--depth == 0) {
                return s + 1;
            }
        } else if (*s == pair[0]) {
            depth++;
        }
    }
    return NULL;
}

/* Matches the set of %f[set] as a border at `at`. [-0, +0, may raise] */
static bool match_frontier(struct lh_matcher *m, const char *at, const char *set, const char *end) {
    lh_spend(&m->meter, (size_t)(end - set));
    unsigned char before = at == m->subject ? '\0' : (unsigned char)at[-1];
    /* Past its end the subject reads as NUL, which is what %f promises. */
    return !lh_in_set(before, set, end - 1) && lh_in_set((unsigned char)*at, set, end - 1);
}

/* Matches a copy of an earlier capture. NULL if it fails. [-0, +0, may raise] */
static const char *match_copy(struct lh_matcher *m, const char *at, char digit) {
    int number = digit - '1';
    if (number < 0 || number >= m->level || m->captures[number].length == LH_CAPTURE_OPEN) {
        luaL_error(m->meter.L, "invalid capture index %%%d", number + 1);
    }
    struct lh_capture capture = m->captures[number];
    if (capture.length < 0 || m->subject_end - at < capture.length) {
        return NULL;
    }
    size_t length = (size_t)capture.length;
    lh_spend(&m->meter, length / 64);
    return memcmp(capture.start, at, length) == 0 ? at + length : NULL;
}

/* Opens a capture and returns the pattern after it. [-0, +0, may raise] */
static const char *open_capture(struct lh_matcher *m, const char *at, const char *p) {
    if (m->level >= LH_MAX_CAPTURES) {
        luaL_error(m->meter.L, "too many captures");
    }
    bool position = p[1] == ')';
    m->captures[m->level].start = at;
    m->captures[m->level].length = position ? LH_CAPTURE_POSITION : LH_CAPTURE_OPEN;
    m->level++;
    return position ? p + 2 : p + 1;
}

/* Closes the innermost open capture; returns its number. [-0, +0, may raise] */
static int close_capture(struct lh_matcher *m, const char *at) {
    int number = m->level - 1;
    while (number >= 0 && m->captures[number].length != LH_CAPTURE_OPEN) {
        number--;
    }
    if (number < 0) {
        return luaL_error(m->meter.L, "invalid pattern capture");
    }
    m->captures[number].length = at - m->captures[number].start;
    return number;
}

/* Adds a choice, whose `u` the caller fills in. [-0, +0, may raise] */
static inline struct choice *push_choice(struct lh_matcher *m, struct choice *choices, int *depth,
                                         enum choice_kind kind, const char *at, const char *rest) {
    if (*depth == MAX_CHOICES) {
        luaL_error(m->meter.L, "pattern too complex");
    }
    struct choice *choice = &choices[(*depth)++];
    choice->kind = kind;
    choice->at = at;
    choice->rest = rest;
    return choice;
}

/*
 * Falls back on the newest choice that has another way to go. Returns the
 * subject position to go on from and sets *rest; NULL if all ways failed.
 * [-0, +0, may raise]
 */
static inline const char *take_other_choice(struct lh_matcher *m, struct choice *choices, int *depth,
                                            const char **rest) {
    while (*depth > 0) {
        struct choice *choice = &choices[*depth - 1];
        *rest = choice->rest;
        switch (choice->kind) {
        case GREEDY:
            if (choice->u.count > 0) {
                return choice->at + --choice->u.count;
            }
            break;
        case LAZY: {
            const char *item = choice->u.item;
            const char *end = choice->rest - 1;
            lh_spend(&m->meter, (size_t)(end - item));
            if (choice->at < m->subject_end && lh_item_matches(item, end, (unsigned char)*choice->at)) {
                return ++choice->at;
            }
            break;
        }
        case OPTIONAL:
            --*depth;
            return choice->at;
        case OPENED:
            m->level--;
            break;
        case CLOSED:
            m->captures[choice->u.capture].length = LH_CAPTURE_OPEN;
            break;
        }
        --*depth;
    }
    return NULL;
}

const char *lh_match(struct lh_matcher *m, const char *at, const char *pattern) {
    struct choice choices[MAX_CHOICES];
    int depth = 0;
    const char *s = at;
    const char *p = pattern;
    m->level = 0;
    for (;;) {
        if (s == NULL) {
            s = take_other_choice(m, choices, &depth, &p);
            if (s == NULL) {
                return NULL;
            }
        }
        if (p == m->pattern_end) {
            return s;
        }
        switch (*p) {
        case '(':
            lh_spend(&m->meter, 1);
            p = open_capture(m, s, p);
            push_choice(m, choices, &depth, OPENED, s, p);
            continue;
        case ')': {
            lh_spend(&m->meter, 1);
            int closed = close_capture(m, s);
            p++;
            push_choice(m, choices, &depth, CLOSED, s, p)->u.capture = closed;
            continue;
        }
        case '$':
            if (p + 1 == m->pattern_end) {
                lh_spend(&m->meter, 1);
                p++;
                s = s == m->subject_end ? s : NULL;
                continue;
            }
            break;
        case '%':
            if (p[1] == 'b') {
                lh_spend(&m->meter, 1);
                s = match_balanced(m, s, p + 2);
                p += 4;
                continue;
            }
            if (p[1] == 'f') {
                const char *set = p + 2;
                if (*set != '[') {
                    luaL_error(m->meter.L, "missing '[' after '%%f' in pattern");
                }
                p = lh_set_end(m, set);
                s = match_frontier(m, s, set, p) ? s : NULL;
                continue;
            }
            if (lh_is_digit((unsigned char)p[1])) {
                lh_spend(&m->meter, 1);
                s = match_copy(m, s, p[1]);
                p += 2;
                continue;
            }
            break;
        default:
            break;
        }

        const char *end = lh_item_end(m, p);
        char mark = *end;
        lh_spend(&m->meter, (size_t)(end - p));
        if (s == m->subject_end || !lh_item_matches(p, end, (unsigned char)*s)) {
            if (mark == '*' || mark == '?' || mark == '-') {
                p = end + 1;
            } else {
                s = NULL;
            }
            continue;
        }
        switch (mark) {
        case '?':
            push_choice(m, choices, &depth, OPTIONAL, s, end + 1);
            s++;
            p = end + 1;
            break;
        case '-':
            push_choice(m, choices, &depth, LAZY, s, end + 1)->u.item = p;
            p = end + 1;
            break;
        case '*':
        case '+': {
            size_t more = count_matches(m, s + 1, p, end);
            const char *least = mark == '+' ? s + 1 : s;
            size_t count = mark == '+' ? more : more + 1;
            push_choice(m, choices, &depth, GREEDY, least, end + 1)->u.count = count;
            s = least + count;
            p = end + 1;
            break;
        }
        default:
            s++;
            p = end;
            break;
        }
    }
}
