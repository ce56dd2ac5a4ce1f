/* See sc_orders.h. */
#include "sc_orders.h"

#include <signal.h>
#include <stdatomic.h>

#include "sc_calls.h"
#include "sc_pipe.h"
#include "sc_wall.h"
#include <gnu/libc-version.h>

static lw_open opened;
static lh_state *_Atomic state;
static atomic_int early_stop;

void sc_stop(int reason) {
    lh_state *H = atomic_load(&state);
    if (H) lh_stop(H, reason);
    else atomic_store(&early_stop, reason);
}

/* A name of the frame, ended by a zero. */
static void take_name(sc_order *order, uint32_t count, char *name, size_t size) {
    if (count >= size) sc_fail(LW_EXIT_ORDER);
    memcpy(name, sc_take(order, count), count);
    name[count] = 0;
}

static void done(lh_outcome outcome, int32_t number) {
    lh_output_flush();
    lh_state *H = atomic_load(&state);
    lw_done said = {.status = outcome.status, .stopped = outcome.stopped, .task = outcome.task,
                    .operation = outcome.operation, .generation = outcome.generation, .number = (uint32_t)number};
    if (H) {
        said.used = lh_memory_used(H);
        said.peak = lh_memory_peak(H);
        said.allocations = lh_allocations(H);
        if (!said.stopped) said.stopped = lh_stopped(H);
    }
    sc_begin(LW_DONE);
    sc_put(&said, sizeof said);
    sc_put(outcome.bytes, outcome.count);
    sc_end();
    sc_flush();
}

static void order_open(sc_order order) {
    memcpy(&opened, sc_take(&order, sizeof opened), sizeof opened);
    lh_limits limits = {.memory = opened.memory, .instructions = opened.instructions, .stretch_ns = opened.stretch_ns,
                        .total_ns = opened.total_ns};
    sc_limit_depth(opened.depth);
    lh_state *H = lh_open(&limits, sc_host_call, NULL);
    lh_outcome outcome = {.status = H ? LH_FINISHED : LH_NO_MEMORY};
    if (H) {
        sc_use_state(H);
        lh_await_watchdog(H);
        atomic_store(&state, H);
        if (atomic_load(&early_stop)) lh_stop(H, atomic_load(&early_stop));
    }
    for (uint32_t i = 0; H && i < opened.operations; i++) {
        lw_operation operation;
        char name[256], shown[256];
        memcpy(&operation, sc_take(&order, sizeof operation), sizeof operation);
        take_name(&order, operation.name, name, sizeof name);
        take_name(&order, operation.shown, shown, sizeof shown);
        sc_name_operation(operation.operation, (operation.flags & LW_TELLS) != 0);
        if (!lh_define(H, name, shown, operation.operation, (operation.flags & LW_WAITS) != 0))
            outcome.status = LH_NO_MEMORY;
    }
    done(outcome, 0);
}

static void order_prelude(lh_state *H, sc_order order) {
    char chunk[LW_LARGEST_TEXT];
    take_name(&order, sc_take_word(&order), chunk, sizeof chunk);
    done(lh_prelude(H, (const char *)order.bytes, order.count, chunk), 0);
}

static void order_wall(void) {
    lw_walled walled = sc_wall(&opened, (opened.flags & LW_FILES) != 0);
    const char *version = gnu_get_libc_version();
    sc_begin(LW_WALLED);
    sc_put(&walled, sizeof walled);
    sc_put(version, strlen(version));
    sc_end();
    done((lh_outcome){.status = LH_FINISHED}, 0);
}

static void order_load(lh_state *H, sc_order order) {
    char chunk[LW_LARGEST_TEXT];
    uint32_t name = sc_take_word(&order), size = sc_take_word(&order);
    take_name(&order, name, chunk, sizeof chunk);
    const char *source = sc_take(&order, size);
    done(lh_load(H, source, size, chunk, order.bytes, order.count), 0);
}

static void order_resume(lh_state *H, sc_order order) {
    lw_resume resume;
    memcpy(&resume, sc_take(&order, sizeof resume), sizeof resume);
    if (resume.flags & LW_RESTED) lh_rest(H);
    if (resume.flags & LW_ABANDONED) sc_abandon();
    lh_buffer *reply = lh_reply_buffer(H); /* the next order overwrites the frame */
    lh_put_bytes(reply, order.bytes, order.count);
    int mode = (int)resume.mode;
    if (reply->failed) {
        reply = lh_reply_buffer(H);
        lh_put_string(reply, "not enough memory", 17);
        mode = LH_RESUME_RAISE;
    }
    done(lh_resume(H, resume.task, resume.generation, mode, reply->bytes, reply->count, resume.from), 0);
}

static void order_kill(lh_state *H, sc_order order) {
    uint32_t task = sc_take_word(&order), count = sc_take_word(&order);
    char code[256], message[LW_LARGEST_TEXT];
    take_name(&order, count, code, sizeof code);
    take_name(&order, (uint32_t)order.count, message, sizeof message);
    lh_kill(H, task, code, message);
    done((lh_outcome){.status = LH_FINISHED, .task = task}, 0);
}

void sc_obey(void) {
    sc_order order = sc_receive();
    lh_state *H = atomic_load(&state);
    if (!H && order.kind != LW_OPEN) sc_fail(LW_EXIT_ORDER);
    switch (order.kind) {
    case LW_OPEN: order_open(order); break;
    case LW_CONSTANT: sc_keep_constant(order); break;
    case LW_PRELUDE: order_prelude(H, order); break;
    case LW_WALL: order_wall(); break;
    case LW_LOAD: order_load(H, order); break;
    case LW_RESUME: order_resume(H, order); break;
    case LW_KILL: order_kill(H, order); break;
    case LW_RELEASE: lh_release(H, sc_take_word(&order)); break;
    case LW_FLUSH: done((lh_outcome){.status = LH_FINISHED}, lh_flush_files(H)); break;
    default: sc_fail(LW_EXIT_ORDER);
    }
}
