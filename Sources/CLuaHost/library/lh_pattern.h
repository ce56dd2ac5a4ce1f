/*
 * Private header of the Lua pattern matcher: one attempt at one position, and
 * its captures. Where to try next is left to the string functions.
 */
#ifndef LH_PATTERN_H
#define LH_PATTERN_H

#include <stddef.h>

#include <lua5.4/lua.h>

#include "lh_limits.h"

/*
 * Steps (of a few nanoseconds) between two ticks. The product, well below a
 * millisecond, is how late a match may notice that time is up.
 */
enum { LH_STEPS_PER_TICK = 16384 };

/*
 * Counts steps down to the next tick, for one library call. Whoever calls out
 * to unknown code ticks after every such call instead, because the callee may
 * itself stay just below its own limit.
 */
struct lh_meter {
    lua_State *L;
    size_t left;
};

static inline struct lh_meter lh_meter_start(lua_State *L) {
    return (struct lh_meter){.L = L, .left = LH_STEPS_PER_TICK};
}

/* Pays for steps just done or about to be done. [-0, +0, may raise] */
static inline void lh_spend(struct lh_meter *meter, size_t steps) {
    if (steps < meter->left) {
        meter->left -= steps;
    } else {
        meter->left = LH_STEPS_PER_TICK;
        lh_tick(meter->L);
    }
}

enum { LH_MAX_CAPTURES = 32 };

/* Values of lh_capture.length that are no length. */
enum { LH_CAPTURE_OPEN = -1, LH_CAPTURE_POSITION = -2 };

struct lh_capture {
    const char *start;
    ptrdiff_t length;
};

/*
 * Subject and pattern belong to Lua strings that the caller keeps on its
 * stack; both end in a NUL that may be read. Valid captures: [0, level).
 */
struct lh_matcher {
    struct lh_meter meter;
    const char *subject;
    const char *subject_end;
    const char *pattern_end;
    int level;
    struct lh_capture captures[LH_MAX_CAPTURES];
};

/*
 * Matches the pattern from `pattern` to pattern_end against the subject, at
 * exactly `at`. Returns where the match ends, or NULL. Raises on a pattern
 * that is malformed as far as it was read. [-0, +0, may raise]
 */
const char *lh_match(struct lh_matcher *m, const char *at, const char *pattern);

/*
 * The first position from `at` on where the pattern's first item allows a
 * match, or subject_end; just `at` if that is not plain to see. Not for an
 * anchored pattern. [-0, +0, may raise]
 */
const char *lh_skip(struct lh_matcher *m, const char *at, const char *pattern);

/*
 * Pushes one capture of the match [from, to); number 0 of a pattern without
 * captures is the whole match. [-0, +1, may raise]
 */
void lh_push_capture(struct lh_matcher *m, int number, const char *from, const char *to);

/*
 * Pushes every capture, or the whole match if there are none and `from` is
 * not NULL. Returns how many. [-0, +n, may raise]
 */
int lh_push_captures(struct lh_matcher *m, const char *from, const char *to);

#endif
