/* See sc_calls.h. A crossing costs more than anything else here, so what never changes was sent beforehand, and what
 * gives nothing back rides in front of the next frame. */
#include "sc_calls.h"

#include <stdlib.h>

typedef struct {
    uint32_t operation;
    size_t argument_count, reply_count;
    uint8_t *bytes; /* the arguments, then the reply */
} sc_constant;

static lh_state *state;
static sc_constant *constants;
static size_t constant_count;
static uint8_t *tells; /* by operation */
static uint32_t tell_count;
static uint16_t *depths; /* of tasks, by number */
static uint32_t depth_count, largest_depth;

void sc_use_state(lh_state *opened) { state = opened; }
void sc_limit_depth(uint32_t depth) { largest_depth = depth; }

static void *grown(void *block, size_t size) {
    void *moved = realloc(block, size);
    if (!moved) sc_fail(LW_EXIT_MEMORY);
    return moved;
}

void sc_name_operation(uint32_t operation, int does_tell) {
    if (operation >= 4096) sc_fail(LW_EXIT_ORDER);
    while (tell_count <= operation) {
        tells = grown(tells, tell_count + 1);
        tells[tell_count++] = 0;
    }
    tells[operation] = (uint8_t)does_tell;
}

void sc_keep_constant(sc_order order) {
    sc_constant kept = {.operation = sc_take_word(&order)};
    kept.argument_count = sc_take_word(&order);
    if (kept.argument_count > order.count) sc_fail(LW_EXIT_ORDER);
    kept.reply_count = order.count - kept.argument_count;
    kept.bytes = grown(NULL, order.count + 1);
    memcpy(kept.bytes, order.bytes, order.count);
    constants = grown(constants, (constant_count + 1) * sizeof *constants);
    constants[constant_count++] = kept;
}

static const sc_constant *constant(uint32_t operation, const uint8_t *arguments, size_t count) {
    for (size_t i = 0; i < constant_count; i++) {
        const sc_constant *c = &constants[i];
        if (c->operation == operation && c->argument_count == count &&
            (count == 0 || memcmp(c->bytes, arguments, count) == 0))
            return c;
    }
    return NULL;
}

/* Owners one above the other are bounded, as the parent bounds them. */
static int spawned(uint32_t parent, const uint8_t *arguments) {
    uint32_t task;
    memcpy(&task, arguments + 1, sizeof task);
    while (depth_count <= task) {
        depths = grown(depths, (depth_count * 2 + 64) * sizeof *depths);
        memset(depths + depth_count, 0, (depth_count + 64) * sizeof *depths);
        depth_count = depth_count * 2 + 64;
    }
    uint32_t depth = (parent < depth_count ? depths[parent] : 0u) + 1;
    if (depth > largest_depth) return LH_RAISE;
    depths[task] = (uint16_t)depth;
    const char *where = lh_task_origin(state, task);
    sc_begin(LW_SPAWNED);
    sc_put(&task, sizeof task);
    sc_put(&parent, sizeof parent);
    sc_put(where, strlen(where));
    sc_end();
    return LH_RETURN;
}

static void frame(uint32_t kind, uint32_t operation, uint32_t task, const uint8_t *arguments, size_t count) {
    sc_begin(kind);
    sc_put(&operation, sizeof operation);
    sc_put(&task, sizeof task);
    sc_put(arguments, count);
    sc_end();
}

/* The number of an open file comes with it, whatever the parent called it. */
static void put_reply(sc_order reply, lh_buffer *into) {
    int descriptor = sc_take_descriptor();
    if (descriptor >= 0) {
        lh_put_word(into, LH_INTEGER, (uint64_t)descriptor);
        return;
    }
    lh_put_bytes(into, reply.bytes, reply.count);
}

int sc_host_call(void *context, uint32_t operation, uint32_t task, const uint8_t *arguments, size_t count,
                 lh_buffer *reply) {
    (void)context;
    if (operation == LH_SPAWNED) return spawned(task, arguments);
    if (operation == LH_COLLECTED) {
        sc_begin(LW_COLLECTED);
        sc_put(&task, sizeof task);
        sc_end();
        return LH_RETURN;
    }
    const sc_constant *known = constant(operation, arguments, count);
    if (known) {
        lh_put_bytes(reply, known->bytes + known->argument_count, known->reply_count);
        return LH_RETURN;
    }
    lh_output_flush(); /* in the order in which the script wrote it */
    if (operation < tell_count && tells[operation]) {
        frame(LW_TELL, operation, task, arguments, count);
        return LH_RETURN;
    }
    frame(LW_CALL, operation, task, arguments, count);
    sc_flush();
    sc_order answer = sc_receive();
    if (answer.kind != LW_REPLY) sc_fail(LW_EXIT_ORDER);
    int how = (int)sc_take_word(&answer);
    put_reply(answer, reply);
    return how;
}
