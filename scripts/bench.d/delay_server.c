/* A 1ShotPay that takes its time: every reply leaves so many milliseconds after its request has arrived.
 * One thread, epoll, a queue in order of arrival (as the delay is the same for all, that is the order of leaving): so
 * little work for a request that the client has the machine to itself.
 * Usage: delay_server MILLISECONDS TOKEN_JSON LINK_JSON; prints its port. GET /status tells what nginx's stub_status
 * does, at once. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS = 4096, ROOM = 16384, QUEUE = 1 << 16 };

typedef struct {
    char *bytes;
    size_t count;
} text;

typedef struct {
    int open;
    unsigned life; /* tells a connection from the one that had its descriptor before */
    size_t filled;
    char bytes[ROOM];
} connection;

typedef struct {
    long long due;
    int descriptor;
    unsigned life;
    const text *reply;
} pending;

static connection connections[DESCRIPTORS];
static pending queue[QUEUE];
static unsigned first, last; /* of the queue, modulo its size */
static unsigned long accepted, requests;
static text token, pay_link, refusal;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static text reply_of(const char *status, const char *type, const char *body) {
    text reply;
    int count = asprintf(&reply.bytes, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", status, type,
                         strlen(body), body);
    if (count < 0) die("asprintf");
    reply.count = (size_t)count;
    return reply;
}

static void leave(int descriptor) {
    close(descriptor);
    connections[descriptor].open = 0;
}

/* Replies are far smaller than a socket's buffer: a short write means that the client has stopped reading. */
static void deliver(int descriptor, const text *reply) {
    if (send(descriptor, reply->bytes, reply->count, MSG_NOSIGNAL) != (ssize_t)reply->count) leave(descriptor);
}

static void tell_counts(int descriptor) {
    char body[256];
    snprintf(body, sizeof body, "server accepts handled requests\n %lu %lu %lu \n", accepted, accepted, requests);
    text reply = reply_of("200 OK", "text/plain", body);
    deliver(descriptor, &reply);
    free(reply.bytes);
}

static void answer(int descriptor, const char *request, long long delay) {
    requests += 1;
    if (!strncmp(request, "GET /status ", 12)) {
        tell_counts(descriptor);
        return;
    }
    const text *reply = !strncmp(request, "POST /api/m2m/v0/links ", 23)   ? &pay_link
                        : !strncmp(request, "POST /api/m2m/v0/token ", 23) ? &token
                                                                           : &refusal;
    if (last - first == QUEUE) die("too many requests at once");
    queue[last++ % QUEUE] = (pending){now() + delay, descriptor, connections[descriptor].life, reply};
}

/* The length of the request at the start of what came; 0 if its end is still to come. */
static size_t length_of_request(connection *from) {
    from->bytes[from->filled] = 0;
    char *end = strstr(from->bytes, "\r\n\r\n");
    if (!end) return 0;
    char *field = strcasestr(from->bytes, "\r\ncontent-length:");
    size_t body = field && field < end ? strtoul(field + 17, NULL, 10) : 0;
    size_t length = (size_t)(end + 4 - from->bytes) + body;
    return length <= from->filled ? length : 0;
}

static void read_from(int descriptor, long long delay) {
    connection *from = &connections[descriptor];
    ssize_t count = recv(descriptor, from->bytes + from->filled, ROOM - 1 - from->filled, 0);
    if (count <= 0) {
        if (count == 0 || errno != EAGAIN) leave(descriptor);
        return;
    }
    from->filled += (size_t)count;
    for (size_t length; from->open && (length = length_of_request(from)) > 0;) {
        answer(descriptor, from->bytes, delay);
        from->filled -= length;
        memmove(from->bytes, from->bytes + length, from->filled);
    }
}

static void welcome(int listener, int poll) {
    int one = 1, descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    if (descriptor >= DESCRIPTORS) die("too many connections");
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connections[descriptor].open = 1;
    connections[descriptor].life += 1;
    connections[descriptor].filled = 0;
    accepted += 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) < 0) die("epoll_ctl");
}

static void deliver_what_is_due(void) {
    for (; first != last && queue[first % QUEUE].due <= now(); first++) {
        pending *due = &queue[first % QUEUE];
        connection *to = &connections[due->descriptor];
        if (to->open && to->life == due->life) deliver(due->descriptor, due->reply);
    }
}

int main(int count, char **arguments) {
    if (count != 4) return 64;
    long long delay = atoll(arguments[1]) * 1000000LL;
    token = reply_of("200 OK", "application/json", arguments[2]);
    pay_link = reply_of("200 OK", "application/json", arguments[3]);
    refusal = reply_of("404 Not Found", "text/plain", "");

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), poll = epoll_create1(EPOLL_CLOEXEC);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 1024) < 0) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll_ctl");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    for (;;) {
        deliver_what_is_due();
        struct timespec rest = {0};
        if (first != last) {
            long long left = queue[first % QUEUE].due - now();
            if (left > 0) rest = (struct timespec){left / 1000000000LL, left % 1000000000LL};
        }
        struct epoll_event events[256];
        int ready = epoll_pwait2(poll, events, 256, first == last ? NULL : &rest, NULL);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener) welcome(listener, poll);
            else if (connections[events[i].data.fd].open) read_from(events[i].data.fd, delay);
        }
    }
}
