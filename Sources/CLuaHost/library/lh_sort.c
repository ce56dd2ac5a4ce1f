/*
 * table.sort, as Lua 5.4 defines it but bounded in time: a quicksort in place
 * (Sedgewick's, with a median of three) that shifts its pivots when a split
 * turns out lopsided.
 */
#include <limits.h>
#include <stdbool.h>

#include <lua5.4/lauxlib.h>

#include "lh_limits.h"
#include "lh_table.h"

/* Stack slots. What is above PIVOT lives only within one range. */
enum { LIST = 1, ORDER, PIVOT, FIRST, SECOND };

/* From this many elements on, more of them take part in choosing a pivot. */
enum { LARGE_RANGE = 64 };

struct sorter {
    lua_State *L;
    bool has_order;
    lua_Unsigned disorder; /* state of the pivot's random shift; 0: none */
};

/*
 * Whether the value in slot a sorts before that in b. The one place that
 * ticks: between two comparisons lie but a few accesses. [-0, +0, may raise]
 */
static bool sorts_before(struct sorter *sorter, int a, int b) {
    lua_State *L = sorter->L;
    bool result;
    if (sorter->has_order) {
        lua_pushvalue(L, ORDER);
        lua_pushvalue(L, a);
        lua_pushvalue(L, b);
        lua_call(L, 2, 1);
        result = lua_toboolean(L, -1);
        lua_pop(L, 1);
    } else {
        result = lua_compare(L, a, b, LUA_OPLT);
    }
    lh_tick(L);
    return result;
}

/* Pops the two values on top into list[i] and, from below it, list[j]. [-2, +0, may raise] */
static inline void store_pair(struct sorter *sorter, lua_Integer i, lua_Integer j) {
    lua_seti(sorter->L, LIST, i);
    lua_seti(sorter->L, LIST, j);
}

/* Puts list[i] and list[j], i < j, in order. Top must be PIVOT. [-0, +0, may raise] */
static void order_pair(struct sorter *sorter, lua_Integer i, lua_Integer j) {
    lua_State *L = sorter->L;
    lua_geti(L, LIST, i);
    lua_geti(L, LIST, j);
    if (sorts_before(sorter, SECOND, FIRST)) {
        store_pair(sorter, i, j);
    } else {
        lua_pop(L, 2);
    }
}

/* Puts a copy of the value in `slot` into list[i]. [-0, +0, may raise] */
static inline void store_copy(struct sorter *sorter, int slot, lua_Integer i) {
    lua_pushvalue(sorter->L, slot);
    lua_seti(sorter->L, LIST, i);
}

/*
 * Puts list[low], list[middle] and list[high] in order, and the median's
 * value into PIVOT, which must be the top. [-0, +0, may raise]
 */
static void order_three(struct sorter *sorter, lua_Integer low, lua_Integer middle, lua_Integer high) {
    lua_State *L = sorter->L;
    int least = FIRST, median = FIRST + 1, most = FIRST + 2;
    lua_geti(L, LIST, low);
    lua_geti(L, LIST, middle);
    lua_geti(L, LIST, high);
    if (sorts_before(sorter, most, least)) {
        least = FIRST + 2;
        most = FIRST;
    }
    int other = median;
    if (sorts_before(sorter, median, least)) {
        median = least;
        least = other;
    } else if (sorts_before(sorter, most, median)) {
        median = most;
        most = other;
    }
    if (least != FIRST) {
        store_copy(sorter, least, low);
    }
    if (median != FIRST + 1) {
        store_copy(sorter, median, middle);
    }
    if (most != FIRST + 2) {
        store_copy(sorter, most, high);
    }
    lua_copy(L, median, PIVOT);
    lua_settop(L, PIVOT);
}

/* [-0, +0, raises] */
static void raise_invalid_order(struct sorter *sorter) {
    luaL_error(sorter->L, "invalid order function for sorting");
}

/*
 * The middle of a range, or after a lopsided split some element of its middle
 * half, so that no input is slow all the way down.
 */
static lua_Integer middle(struct sorter *sorter, lua_Integer low, lua_Integer high) {
    lua_Integer center = low + (high - low) / 2;
    if (sorter->disorder == 0) {
        return center;
    }
    sorter->disorder ^= sorter->disorder << 13;
    sorter->disorder ^= sorter->disorder >> 7;
    sorter->disorder ^= sorter->disorder << 17;
    lua_Integer quarter = (high - low) / 4;
    return center - quarter / 2 + (lua_Integer)(sorter->disorder % (lua_Unsigned)(quarter + 1));
}

/*
 * Splits the range around the pivot, whose value is in its slot and which
 * also sits at high - 1; list[low] does not sort after it, nor list[high]
 * before it. Returns where the pivot ends up. [-0, +0, may raise]
 */
static lua_Integer split(struct sorter *sorter, lua_Integer low, lua_Integer high) {
    lua_State *L = sorter->L;
    lua_Integer i = low;
    lua_Integer j = high - 1;
    for (;;) {
        lua_geti(L, LIST, ++i);
        while (sorts_before(sorter, FIRST, PIVOT)) {
            /* The pivot itself is there: it cannot sort before itself. */
            if (i >= high - 1) {
                raise_invalid_order(sorter);
            }
            lua_pop(L, 1);
            lua_geti(L, LIST, ++i);
        }
        lua_geti(L, LIST, --j);
        while (sorts_before(sorter, PIVOT, SECOND)) {
            /* All below i sorted before the pivot a moment ago. */
            if (j < i) {
                raise_invalid_order(sorter);
            }
            lua_pop(L, 1);
            lua_geti(L, LIST, --j);
        }
        if (j < i) {
            lua_pop(L, 1);
            lua_seti(L, LIST, high - 1);
            store_copy(sorter, PIVOT, i);
            return i;
        }
        store_pair(sorter, i, j);
    }
}

/* Sorts list[low..high]. Top must be PIVOT. [-0, +0, may raise] */
static void sort_range(struct sorter *sorter, lua_Integer low, lua_Integer high) {
    lua_State *L = sorter->L;
    while (low < high) {
        if (high - low == 1) {
            order_pair(sorter, low, high);
            return;
        }
        lua_Integer pivot = middle(sorter, low, high);
        if (high - low >= LARGE_RANGE) {
            /* A better guess at the median saves more comparisons than it costs. */
            lua_Integer apart = (high - low) / 8;
            order_three(sorter, pivot - apart, pivot, pivot + apart);
        }
        order_three(sorter, low, pivot, high);
        if (high - low == 2) {
            return;
        }
        lua_geti(L, LIST, high - 1);
        lua_seti(L, LIST, pivot);
        store_copy(sorter, PIVOT, high - 1);
        lua_Integer at = split(sorter, low, high);

        lua_Integer below = at - low;
        lua_Integer above = high - at;
        if (high - low >= LARGE_RANGE && (below < above ? below : above) < (high - low) / 64) {
            sorter->disorder = (lua_Unsigned)high * 2 + 1;
        }
        /* Recursing into the smaller part only keeps it 31 levels deep. */
        if (below < above) {
            sort_range(sorter, low, at - 1);
            low = at + 1;
        } else {
            sort_range(sorter, at + 1, high);
            high = at - 1;
        }
    }
}

/* sort(list [, comp]). Lua: [-n, +0, may raise] */
int lh_table_sort(lua_State *L) {
    lua_Integer length = lh_check_list(L, LH_READS | LH_WRITES);
    if (length < 2) {
        return 0;
    }
    luaL_argcheck(L, length < INT_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, ORDER)) {
        luaL_checktype(L, ORDER, LUA_TFUNCTION);
    }
    lua_settop(L, PIVOT);
    struct sorter sorter = {
        .L = L,
        .has_order = !lua_isnil(L, ORDER),
        .disorder = 0,
    };
    sort_range(&sorter, 1, length);
    return 0;
}
