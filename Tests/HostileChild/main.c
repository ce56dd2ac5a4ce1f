/* A script's process that lies: it starts as an honest one does, and then tells the parent whatever a broken or
 * taken-over one could tell it. The parent must be unharmed, and end it for each message that no honest one sends.
 *
 *   hostile-child KIND SEED COUNT
 *
 * KIND is "words", COUNT messages that are in order but say anything, or the name of one way to break the rules. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CLuaHost.h"

static uint64_t seed;
static uint32_t draw(uint32_t below) { /* SplitMix64 */
    uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return below ? (uint32_t)((z ^ (z >> 31)) % below) : 0;
}

static uint8_t out[1 << 20];
static size_t out_count;

static void put(const void *bytes, size_t count) {
    if (out_count + count > sizeof out) return;
    memcpy(out + out_count, bytes, count);
    out_count += count;
}
static void put_word(uint32_t word) { put(&word, sizeof word); }
static void put_tag(uint8_t tag) { put(&tag, 1); }

static void flush(void) {
    for (size_t at = 0; at < out_count;) {
        ssize_t sent = send(LW_SOCKET, out + at, out_count - at, MSG_NOSIGNAL);
        if (sent <= 0) _exit(0);
        at += (size_t)sent;
    }
    out_count = 0;
}

static size_t begin(uint32_t kind) {
    size_t at = out_count;
    put_word(0);
    put_word(kind);
    return at;
}
static void end(size_t at) {
    uint32_t count = (uint32_t)(out_count - at - 8);
    memcpy(out + at, &count, sizeof count);
}

static void read_all(void *into, size_t count) {
    for (size_t at = 0; at < count;) {
        ssize_t got = recv(LW_SOCKET, (uint8_t *)into + at, count - at, 0);
        if (got <= 0) _exit(0);
        at += (size_t)got;
    }
}

static uint8_t *order;
static uint32_t order_count;
static uint32_t receive(void) {
    lw_header header;
    read_all(&header, sizeof header);
    order = realloc(order, header.count + 1u);
    order_count = header.count;
    read_all(order, header.count);
    return header.kind;
}

/* Texts that the host may take for something: numbers, names, paths that lead nowhere, and bytes that are no text. */
static void put_text(void) {
    static const char *const texts[] = {"",     "1",    "12.50",   "order-1", "-1",         "99999999999999999999",
                                        "info", "GET",  "x.csv",   "1s",      "\xff\xfe",   "{\"a\":1}",
                                        "r",    "w",    "nowhere", "paid",    "at_most",    "https://127.0.0.1:1/",
                                        "key",  "3600", "USD",     "core",    "{order_id}", "a\0b"};
    const char *text = texts[draw(sizeof texts / sizeof *texts)];
    uint32_t count = draw(20) == 0 ? draw(5000) : (uint32_t)strlen(text);
    put_tag(LH_STRING);
    put_word(count);
    for (uint32_t i = 0; i < count; i++) put_tag(i < strlen(text) ? (uint8_t)text[i] : (uint8_t)draw(256));
}

static const uint64_t odd_words[] = {0, 1, 2, 3, 100, ~0ull, 1ull << 63, (1ull << 63) - 1, 1ull << 32, 0x7ff8000000000000u,
                                     0x7ff0000000000000u, 0x3ff0000000000000u, 0x41dfffffffc00000u, 0xfff0000000000000u};

static void put_value(int depth) {
    static const uint8_t tags[] = {LH_NIL, LH_FALSE, LH_TRUE, LH_INTEGER, LH_NUMBER, LH_STRING, LH_STRING, LH_STRING,
                                   LH_ARRAY, LH_MAP, LH_MAP, LH_BOX, LH_NULL, LH_TASK, LH_SECRET};
    uint8_t tag = tags[draw(sizeof tags)];
    if (depth > 4 && (tag == LH_ARRAY || tag == LH_MAP || tag == LH_SECRET)) tag = LH_NIL;
    switch (tag) {
    case LH_INTEGER:
    case LH_NUMBER:
    case LH_BOX: {
        uint64_t word = draw(3) ? odd_words[draw(sizeof odd_words / sizeof *odd_words)] : draw(0);
        put_tag(tag);
        put(&word, sizeof word);
        break;
    }
    case LH_STRING: put_text(); break;
    case LH_TASK:
        put_tag(tag);
        put_word(draw(3) ? draw(8) : 0xffffffffu);
        break;
    case LH_SECRET: put_tag(tag); /* the array of its parts follows */
    /* fall through */
    case LH_ARRAY:
    case LH_MAP: {
        uint32_t count = draw(6);
        put_tag(tag == LH_SECRET ? LH_ARRAY : tag);
        put_word(draw(4) ? count : 0xffffffffu); /* the size is a hint, and may lie */
        for (uint32_t i = 0; i < count * (tag == LH_MAP ? 2 : 1); i++) put_value(depth + 1);
        put_tag(LH_END);
        break;
    }
    default: put_tag(tag);
    }
}

enum { MOST_OPERATIONS = 256 };
static lw_operation operations[MOST_OPERATIONS];
static uint32_t operation_count;

static void read_operations(void) {
    lw_open opened;
    memcpy(&opened, order, sizeof opened);
    const uint8_t *at = order + sizeof opened;
    for (operation_count = 0; operation_count < opened.operations && operation_count < MOST_OPERATIONS; operation_count++) {
        lw_operation *operation = &operations[operation_count];
        memcpy(operation, at, sizeof *operation);
        at += sizeof *operation + operation->name + operation->shown;
    }
}

static void put_done(int status, uint32_t task, uint32_t operation, uint32_t generation) {
    lw_done done = {.status = status, .task = task, .operation = operation, .generation = generation};
    put(&done, sizeof done);
}

static void say_done(int status, uint32_t task) {
    size_t at = begin(LW_DONE);
    put_done(status, task, 0, 0);
    end(at);
    flush();
}

static uint32_t next_task = 2, generation;

/* One message that is in order. */
static void say(uint32_t running) {
    if (draw(40) == 0) {
        size_t at = begin(LW_SPAWNED);
        put_word(next_task++);
        put_word(running);
        put("x:1", 3);
        end(at);
        return;
    }
    const lw_operation *operation = &operations[draw(operation_count)];
    if (operation->flags & LW_WAITS) return;
    int tells = (operation->flags & LW_TELLS) != 0;
    size_t at = begin(tells ? LW_TELL : LW_CALL);
    put_word(operation->operation);
    put_word(running);
    for (uint32_t i = draw(5); i > 0; i--) put_value(0);
    end(at);
    if (tells) return;
    flush();
    receive();
}

static void say_waiting(uint32_t task) {
    const lw_operation *operation;
    do operation = &operations[draw(operation_count)];
    while (!(operation->flags & LW_WAITS));
    size_t at = begin(LW_DONE);
    put_done(LH_WAITING, task, operation->operation, ++generation);
    for (uint32_t i = draw(5); i > 0; i--) put_value(0);
    end(at);
    flush();
}

/* One way to break the rules, while `task` runs. */
static void break_rules(const char *kind, uint32_t task) {
#define IS(name) (strcmp(kind, name) == 0)
    size_t at;
    if (IS("no-filter")) return; /* it has said so, and goes on as an honest one does */
    if (IS("silence")) for (;;) pause();
    if (IS("stop")) raise(SIGSTOP);
    if (IS("end")) _exit(0);
    if (IS("crash")) signal(SIGABRT, SIG_DFL), abort();
    if (IS("garbage")) for (int i = 0; i < 1000; i++) put_word(draw(0));
    if (IS("header-only")) begin(LW_DONE), put_word(7), flush(), _exit(0);
    if (IS("endless-length")) put_word(0xffffffffu), put_word(LW_CALL);
    if (IS("unknown-kind")) end(begin(99));
    if (IS("an-order")) end(begin(LW_RESUME));
    if (IS("short-call")) at = begin(LW_CALL), put_tag(1), end(at);
    if (IS("short-done")) at = begin(LW_DONE), put_word(1), end(at);
    if (IS("unknown-operation")) at = begin(LW_CALL), put_word(4000), put_word(task), end(at);
    if (IS("bad-values")) at = begin(LW_CALL), put_word(operations[0].operation), put_word(task), put_tag(77), end(at);
    if (IS("deep-values")) {
        at = begin(LW_CALL), put_word(operations[0].operation), put_word(task);
        for (int i = 0; i < 5000; i++) put_tag(LH_ARRAY), put_word(0);
        end(at);
    }
    if (IS("another-task")) at = begin(LW_DONE), put_done(LH_FINISHED, task + 1, 0, 0), end(at);
    if (IS("unknown-status")) at = begin(LW_DONE), put_done(42, task, 0, 0), end(at);
    if (IS("stale")) at = begin(LW_DONE), put_done(LH_STALE, task, 0, 0), end(at);
    if (IS("old-generation")) at = begin(LW_DONE), put_done(LH_WAITING, task, operations[operation_count - 1].operation, 0), end(at);
    if (IS("waits-for-call")) at = begin(LW_DONE), put_done(LH_WAITING, task, operations[0].operation, 9), end(at);
    if (IS("spawned-twice")) for (int i = 0; i < 2; i++) at = begin(LW_SPAWNED), put_word(5), put_word(task), end(at);
    if (IS("spawned-by-another")) at = begin(LW_SPAWNED), put_word(5), put_word(77), end(at);
    if (IS("collected-nothing")) at = begin(LW_COLLECTED), put_word(77), end(at);
    if (IS("walled-again")) at = begin(LW_WALLED), put_word(0), put_word(0), put_word(0), end(at);
    if (IS("out-of-turn")) {
        at = begin(LW_DONE), put_done(LH_FINISHED, task, 0, 0), end(at);
        at = begin(LW_OUTPUT), put("late", 4), end(at);
    }
    if (IS("breach")) at = begin(LW_BREACH), put_word(59), put("9.9\033[31m", 8), end(at);
    if (IS("flood")) for (;;) {
        at = begin(LW_OUTPUT), end(at);
        if (out_count > 60000) flush();
    }
    flush();
    for (;;) receive(); /* the parent's end closes */
}

int main(int count, char **arguments) {
    const char *kind = count > 1 ? arguments[1] : "words";
    seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
    long messages = count > 3 ? atol(arguments[3]) : 100;
    for (;;) {
        uint32_t what = receive(), task;
        switch (what) {
        case LW_OPEN: read_operations(); say_done(LH_FINISHED, 0); break;
        case LW_CONSTANT:
        case LW_RELEASE: break;
        case LW_WALL: {
            size_t at = begin(LW_WALLED);
            lw_walled walled = {0};
            if (strcmp(kind, "no-filter") == 0) walled.missing = LW_NO_FILTER;
            put(&walled, sizeof walled);
            put("2.36", 4);
            end(at);
            say_done(LH_FINISHED, 0);
            break;
        }
        case LW_LOAD: say_done(LH_FINISHED, 1); break;
        case LW_RESUME:
            memcpy(&task, order + 4, sizeof task);
            if (strcmp(kind, "words") != 0) break_rules(kind, task);
            for (int i = 0; i < 50 && messages > 0; i++, messages--) say(task);
            if (messages <= 0) say_done(LH_FINISHED, task);
            else say_waiting(task);
            break;
        default: say_done(LH_FINISHED, 0); break;
        }
    }
}
