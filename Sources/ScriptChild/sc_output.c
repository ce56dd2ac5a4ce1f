/* Standard output of the script: a stream whose bytes become frames, so that print and io.write need no descriptor. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>

#include "sc_pipe.h"
#include "sc_orders.h"

static int abandoned;

static ssize_t write_frame(void *cookie, const char *bytes, size_t count) {
    (void)cookie;
    if (abandoned) {
        errno = EPIPE;
        return 0;
    }
    sc_begin(LW_OUTPUT);
    sc_put(bytes, count);
    sc_end();
    return (ssize_t)count;
}

void sc_open_output(void) {
    FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_frame});
    if (!stream) sc_fail(LW_EXIT_MEMORY);
    setvbuf(stream, NULL, _IOFBF, BUFSIZ);
    stdout = stream;
    lh_output_probe = sc_is_abandoned;
}

int sc_is_abandoned(void) { return abandoned; }
void sc_abandon(void) { abandoned = 1; }
