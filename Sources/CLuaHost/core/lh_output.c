/* Standard output, which a script shares with its host: one buffer, one order. */
#include <poll.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <unistd.h>

#include "CLuaHost.h"

int (*lh_output_probe)(void) = NULL;

void lh_output_write(const void *bytes, size_t count) { fwrite(bytes, 1, count, stdout); }

void lh_output_by_line(void) { setvbuf(stdout, NULL, _IOLBF, BUFSIZ); }

void lh_output_by_flush(void) { setvbuf(stdout, NULL, _IOFBF, BUFSIZ); }

int lh_output_pending(void) { return __fpending(stdout) > 0; }

/* A stream remembers that it failed, not why: that the other end of a pipe or socket has gone, poll tells. */
int lh_output_abandoned(void) {
    if (!ferror(stdout)) return 0;
    if (lh_output_probe) return lh_output_probe();
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

int lh_output_flush(void) { return fflush(stdout) == 0 && !ferror(stdout); }
