/* The allocator of a state: counts every byte, refuses past the limit, and serves small blocks from pools of
 * its own. Lua tells the size of what it frees, so a block needs no header; and a state has one owner, so
 * there is no lock to take, which the process's allocator must once there is more than one thread. */
#include <stdlib.h>

#include "lh_memory.h"
#include "lh_report.h"

/* AddressSanitizer must see every block by itself. */
#if defined(__SANITIZE_ADDRESS__)
#define LH_POOLED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LH_POOLED 0
#endif
#endif
#ifndef LH_POOLED
#define LH_POOLED 1
#endif

enum { GRAIN = 16, SLAB = 32 * 1024 - 64 };

typedef struct lh_free_block {
    struct lh_free_block *next;
} lh_free_block;

struct lh_slab {
    lh_slab *next;
    uint64_t padding; /* blocks begin on a multiple of GRAIN */
};

static size_t class_of(size_t size) { return (size + GRAIN - 1) / GRAIN; }

static int is_small(size_t size) { return LH_POOLED && size <= LH_LARGEST_POOLED; }

/* A slab's worth of fresh blocks is cut as they are asked for. NULL: no memory. */
static void *cut(lh_pool *pool, size_t size) {
    size_t rounded = class_of(size) * GRAIN;
    if ((size_t)(pool->end - pool->fresh) < rounded) {
        lh_slab *slab = malloc(SLAB);
        if (!slab) return NULL;
        slab->next = pool->slabs;
        pool->slabs = slab;
        pool->fresh = (uint8_t *)slab + sizeof *slab;
        pool->end = (uint8_t *)slab + SLAB;
    }
    void *block = pool->fresh;
    pool->fresh += rounded;
    return block;
}

static void *take(lh_pool *pool, size_t size) {
    if (!is_small(size)) return malloc(size);
    void **head = &pool->free[class_of(size)];
    lh_free_block *block = *head;
    if (!block) return cut(pool, size);
    *head = block->next;
    return block;
}

static void give(lh_pool *pool, void *memory, size_t size) {
    if (!is_small(size)) {
        free(memory);
        return;
    }
    lh_free_block *block = memory;
    block->next = pool->free[class_of(size)];
    pool->free[class_of(size)] = block;
}

/* Shrinking never fails, as Lua demands: at worst the block stays where it is. */
static void *resize(lh_pool *pool, void *block, size_t old_size, size_t new_size) {
    if (!is_small(old_size) && !is_small(new_size)) return realloc(block, new_size);
    if (is_small(old_size) && is_small(new_size) && class_of(old_size) == class_of(new_size)) return block;
    void *moved = take(pool, new_size);
    if (!moved) return NULL;
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    give(pool, block, old_size);
    return moved;
}

/* Whether there is not so much memory left, or a test says so. */
static int is_refused(lh_state *H, size_t more) {
    H->allocations += 1;
    if (H->limits.fail_at &&
        (H->allocations == H->limits.fail_at || (H->limits.fail_from && H->allocations > H->limits.fail_at)))
        return 1;
    return H->limits.memory && H->used + more > H->limits.memory + H->overdraft;
}

static void add_used(lh_state *H, size_t more) {
    H->used += more;
    if (H->used > H->peak) H->peak = H->used;
}

void *lh_allocate(void *context, void *block, size_t old_size, size_t new_size) {
    lh_state *H = context;
    size_t old = block ? old_size : 0;
    if (new_size == 0) {
        if (block) give(&H->pool, block, old);
        H->used -= old;
        return NULL;
    }
    if (new_size > old && is_refused(H, new_size - old)) return NULL;
    void *moved = block ? resize(&H->pool, block, old, new_size) : take(&H->pool, new_size);
    if (moved) add_used(H, new_size - old);
    return moved;
}

int lh_charge(lh_state *H, size_t bytes) {
    if (is_refused(H, bytes)) return 0;
    add_used(H, bytes);
    return 1;
}

void lh_uncharge(lh_state *H, size_t bytes) { H->used -= bytes; }

void lh_charge_or_raise(lua_State *L, size_t bytes) {
    lh_state *H = lh_state_of(L);
    if (lh_charge(H, bytes)) return;
    lua_gc(L, LUA_GCCOLLECT, 0);
    if (!lh_charge(H, bytes)) lh_error(L, "not enough memory");
}

size_t lh_kept_length(const char *text, size_t count) {
    if (count <= LH_MOST_TEXT) return count;
    count = LH_MOST_TEXT;
    while (count > LH_MOST_TEXT - 4 && ((unsigned char)text[count] & 0xC0) == 0x80) count--;
    return count;
}

char *lh_copy_text(lh_state *H, const char *text, size_t count) {
    count = strnlen(text, count); /* how long it is, is all that tells its size later */
    char *copy = lh_allocate(H, NULL, 0, count + 1);
    if (!copy) return NULL;
    memcpy(copy, text, count);
    copy[count] = '\0';
    return copy;
}

void lh_drop_text(lh_state *H, char *text) {
    if (text) lh_allocate(H, text, strlen(text) + 1, 0);
}

void lh_pool_close(lh_pool *pool) {
    while (pool->slabs) {
        lh_slab *next = pool->slabs->next;
        free(pool->slabs);
        pool->slabs = next;
    }
}
