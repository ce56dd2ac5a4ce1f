/* What the checks before a request and before a commit cost by themselves: a look at a kept connection, and the four
 * looks at the ledger's names.
 * Usage: looks FILE...; prints nanoseconds for one look at an idle connection, then for one round over the files. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 200000 };

static void die(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

/* One end of a connection over loopback on which nothing arrives. */
static int idle_connection(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || client < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 ||
        listen(listener, 1) != 0 || getsockname(listener, (struct sockaddr *)&address, &length) != 0 ||
        connect(client, (struct sockaddr *)&address, length) != 0 || accept(listener, NULL, NULL) < 0)
        die("a connection over loopback");
    return client;
}

int main(int count, char **arguments) {
    int client = idle_connection();
    char bytes[5];
    double start = now();
    for (int round = 0; round < ROUNDS; round++)
        if (recv(client, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN) die("recv");
    double look = (now() - start) / ROUNDS;
    start = now();
    for (int round = 0; round < ROUNDS; round++)
        for (int file = 1; file < count; file++) {
            struct stat status;
            if (lstat(arguments[file], &status) != 0) die(arguments[file]);
        }
    printf("%.0f %.0f\n", look, (now() - start) / ROUNDS);
    return 0;
}
