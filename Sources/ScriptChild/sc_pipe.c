/* See sc_pipe.h. Frames wait in one buffer, so that a turn costs one system call each way. */
#include "sc_pipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FLUSH_AT = 64 * 1024, KEPT = 1024 * 1024, LARGE = 16 * 1024 };

typedef struct {
    uint8_t *bytes;
    size_t count, capacity;
} sc_bytes;

static sc_bytes out, in;
static size_t frame_at, in_used;
static int descriptor = -1;

void sc_fail(int status) { _exit(status); }

static void reserve(sc_bytes *b, size_t more) {
    if (b->capacity - b->count >= more) return;
    size_t capacity = b->capacity ? b->capacity : 4096;
    while (capacity - b->count < more) capacity *= 2;
    uint8_t *bytes = realloc(b->bytes, capacity);
    if (!bytes) sc_fail(LW_EXIT_MEMORY);
    b->bytes = bytes;
    b->capacity = capacity;
}

static void send_all(const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(LW_SOCKET, bytes, count, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) sc_fail(LW_EXIT_ORDER);
        bytes += sent;
        count -= (size_t)sent;
    }
}

void sc_begin(uint32_t kind) {
    lw_header header = {0, kind};
    frame_at = out.count;
    reserve(&out, sizeof header);
    memcpy(out.bytes + out.count, &header, sizeof header);
    out.count += sizeof header;
}

void sc_put(const void *bytes, size_t count) {
    if (count == 0) return;
    reserve(&out, count);
    memcpy(out.bytes + out.count, bytes, count);
    out.count += count;
}

void sc_end(void) {
    uint32_t count = (uint32_t)(out.count - frame_at - sizeof(lw_header));
    memcpy(out.bytes + frame_at, &count, sizeof count);
    if (out.count >= FLUSH_AT) sc_flush();
}

void sc_flush(void) {
    send_all(out.bytes, out.count);
    out.count = 0;
    if (out.capacity > KEPT) {
        free(out.bytes);
        out = (sc_bytes){0};
    }
}

/* More bytes of the parent, and a descriptor that may come along. */
static void fill(void) {
    union {
        struct cmsghdr header;
        uint8_t space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {in.bytes + in.count, in.capacity - in.count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(LW_SOCKET, &message, 0);
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) sc_fail(0); /* the parent is gone */
    in.count += (size_t)got;
    struct cmsghdr *extra = CMSG_FIRSTHDR(&message);
    if (extra && extra->cmsg_level == SOL_SOCKET && extra->cmsg_type == SCM_RIGHTS)
        memcpy(&descriptor, CMSG_DATA(extra), sizeof descriptor);
}

/* Makes `count` unread bytes be there. */
static void need(size_t count) {
    if (in_used > 0 && (in_used == in.count || in.capacity - in_used < count)) {
        memmove(in.bytes, in.bytes + in_used, in.count - in_used);
        in.count -= in_used;
        in_used = 0;
        if (in.capacity > KEPT && in.count + count < LARGE) {
            sc_bytes small = {0};
            reserve(&small, LARGE);
            memcpy(small.bytes, in.bytes, in.count);
            small.count = in.count;
            free(in.bytes);
            in = small;
        }
    }
    if (in.capacity - in_used < count) reserve(&in, count);
    if (in.capacity - in.count < 1024) reserve(&in, LARGE);
    while (in.count - in_used < count) fill();
}

sc_order sc_receive(void) {
    lw_header header;
    need(sizeof header);
    memcpy(&header, in.bytes + in_used, sizeof header);
    if (header.count > LW_LARGEST_ORDER) sc_fail(LW_EXIT_ORDER);
    need(sizeof header + header.count);
    sc_order order = {header.kind, in.bytes + in_used + sizeof header, header.count};
    in_used += sizeof header + header.count;
    return order;
}

int sc_take_descriptor(void) {
    int taken = descriptor;
    descriptor = -1;
    return taken;
}

const void *sc_take(sc_order *order, size_t count) {
    if (order->count < count) sc_fail(LW_EXIT_ORDER);
    const void *bytes = order->bytes;
    order->bytes += count;
    order->count -= count;
    return bytes;
}

uint32_t sc_take_word(sc_order *order) {
    uint32_t word;
    memcpy(&word, sc_take(order, sizeof word), sizeof word);
    return word;
}
