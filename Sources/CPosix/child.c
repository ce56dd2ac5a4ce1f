/* A process beside this one, with a socket to it and nothing else; see CPosix.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CPosix.h"

enum { CHILD_SOCKET = 3, OPEN_PIDFD = 434, WAIT_PIDFD = 3 };

static int prepare(posix_spawnattr_t *how, posix_spawn_file_actions_t *files, int end, int keeps_streams,
                   const int *blocked, int count) {
    sigset_t all, held;
    sigfillset(&all);
    sigemptyset(&held);
    for (int i = 0; i < count; i++) sigaddset(&held, blocked[i]);
    int bad = posix_spawnattr_setsigdefault(how, &all);
    if (!bad) bad = posix_spawnattr_setsigmask(how, &held);
    if (!bad) bad = posix_spawnattr_setflags(how, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!bad) bad = posix_spawn_file_actions_adddup2(files, end, CHILD_SOCKET);
    if (!bad && !keeps_streams) bad = posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
    if (!bad) bad = posix_spawn_file_actions_addopen(files, 1, "/dev/null", O_WRONLY, 0);
    if (!bad && !keeps_streams) bad = posix_spawn_file_actions_adddup2(files, 1, 2);
    if (!bad) bad = posix_spawn_file_actions_addclosefrom_np(files, CHILD_SOCKET + 1);
    return bad;
}

static void wait_at_most(int end, int milliseconds) {
    struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
    setsockopt(end, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(end, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

int cposix_start_child(cposix_child *child, const char *path, char *const *arguments, char *const *environment,
                       int keeps_streams, const int *blocked, int count, int milliseconds) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return errno;
    posix_spawnattr_t how;
    posix_spawn_file_actions_t files;
    posix_spawnattr_init(&how);
    posix_spawn_file_actions_init(&files);
    /* Out of the way of the child's descriptors, or one would overwrite it before it is used. */
    int own = ends[1] > CHILD_SOCKET ? ends[1] : fcntl(ends[1], F_DUPFD_CLOEXEC, CHILD_SOCKET + 1);
    int bad = own < 0 ? errno : prepare(&how, &files, own, keeps_streams, blocked, count);
    if (!bad) bad = posix_spawn(&child->process, path, &files, &how, arguments, environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    if (own >= 0 && own != ends[1]) close(own);
    close(ends[1]);
    if (!bad) {
        child->handle = (int)syscall(OPEN_PIDFD, child->process, 0);
        if (child->handle < 0) { /* not reaped yet, so the number is still its own */
            bad = errno;
            kill(child->process, SIGKILL);
            waitpid(child->process, NULL, 0);
        }
    }
    if (bad) {
        close(ends[0]);
        return bad;
    }
    child->socket = ends[0];
    wait_at_most(ends[0], milliseconds);
    return 0;
}

int cposix_signal_child(int handle, int number) {
    return (int)syscall(SYS_pidfd_send_signal, handle, number, NULL, 0);
}

int cposix_reap_child(int handle, int *is_signal) {
    siginfo_t how;
    memset(&how, 0, sizeof how);
    while (waitid((idtype_t)WAIT_PIDFD, (id_t)handle, &how, WEXITED) != 0)
        if (errno != EINTR) return -1;
    *is_signal = how.si_code != CLD_EXITED;
    return how.si_status;
}

long cposix_send(int socket, const void *bytes, size_t count, int descriptor) {
    union {
        struct cmsghdr header;
        unsigned char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {(void *)bytes, count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *extra = CMSG_FIRSTHDR(&message);
        extra->cmsg_level = SOL_SOCKET;
        extra->cmsg_type = SCM_RIGHTS;
        extra->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(extra), &descriptor, sizeof descriptor);
    }
    ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    return sent < 0 ? -(long)errno : sent;
}

long cposix_receive(int socket, void *into, size_t count) {
    ssize_t got = recv(socket, into, count, 0);
    return got < 0 ? -(long)errno : got;
}
