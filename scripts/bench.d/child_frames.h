/* For child_driver.c: one script's own process at a time, and what is said to it and heard from it. */
#ifndef CHILD_FRAMES_H
#define CHILD_FRAMES_H

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CLuaHost.h"
#include "CPosix.h"

enum { PATIENCE = 50, LONGEST_SILENCE = 10000, ECHO = 1 }; /* milliseconds; the one operation */

static cposix_child child;
static uint8_t out[1 << 16], in[1 << 16];
static size_t out_count, in_used, in_count;

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *form, ...) {
    va_list values;
    va_start(values, form);
    fputs("child_driver: ", stderr);
    vfprintf(stderr, form, values);
    fputs("\n", stderr);
    va_end(values);
    if (child.handle > 0) cposix_signal_child(child.handle, SIGKILL);
    exit(1);
}

/* Frames ------------------------------------------------------------------------------------------------------- */

static void put(const void *bytes, size_t count) {
    if (sizeof out - out_count < count) die("an order is too long");
    memcpy(out + out_count, bytes, count);
    out_count += count;
}

static void put_word(uint32_t word) { put(&word, sizeof word); }

static void put_string(const char *text) {
    uint8_t tag = LH_STRING;
    put(&tag, 1);
    put_word((uint32_t)strlen(text));
    put(text, strlen(text));
}

static size_t begin(uint32_t kind) {
    put_word(0);
    put_word(kind);
    return out_count;
}

static void end(size_t began) {
    uint32_t count = (uint32_t)(out_count - began);
    memcpy(out + began - sizeof(lw_header), &count, sizeof count);
}

static void flush(void) {
    for (size_t sent = 0; sent < out_count;) {
        long result = cposix_send(child.socket, out + sent, out_count - sent, -1);
        if (result <= 0) die("an order cannot be sent: %s", strerror((int)-result));
        sent += (size_t)result;
    }
    out_count = 0;
}

static void need(size_t count) {
    if (in_used == in_count) in_used = in_count = 0;
    for (int silent = 0; in_count - in_used < count;) {
        long result = cposix_receive(child.socket, in + in_count, sizeof in - in_count);
        if (result == 0) die("the child has ended");
        if (result > 0) in_count += (size_t)result;
        else if ((result != -EAGAIN && result != -EINTR) || (silent += PATIENCE) > LONGEST_SILENCE)
            die("nothing comes from the child: %s", strerror((int)-result));
    }
}

/* The next frame, which must be of this kind and have at least so many bytes. */
static const uint8_t *receive(uint32_t kind, size_t least) {
    lw_header header;
    need(sizeof header);
    memcpy(&header, in + in_used, sizeof header);
    if (header.kind != kind || header.count < least || header.count > sizeof in / 2)
        die("expected a frame of kind %u with %zu bytes, found one of kind %u with %u", kind, least, header.kind,
            header.count);
    need(sizeof header + header.count);
    const uint8_t *bytes = in + in_used + sizeof header;
    in_used += sizeof header + header.count;
    return bytes;
}

/* The end of a turn, which must have gone well. The child has said nothing more. */
static lw_done receive_done(void) {
    lw_done done;
    memcpy(&done, receive(LW_DONE, sizeof done), sizeof done);
    if (done.status != LH_FINISHED || done.stopped) die("a turn ended with status %d, %d", done.status, done.stopped);
    if (in_used != in_count) die("the child spoke out of turn");
    return done;
}

/* A child ------------------------------------------------------------------------------------------------------ */

/* As ScriptProcess starts it. */
static void spawn(const char *program) {
    static const int blocked[] = {LW_SIGNAL_DEADLINE, LW_SIGNAL_INTERRUPT, LW_SIGNAL_EXIT};
    char *const arguments[] = {(char *)program, NULL}, *const environment[] = {"TZ=:/etc/localtime", NULL};
    in_used = in_count = out_count = 0;
    int bad = cposix_start_child(&child, program, arguments, environment, 0, blocked, 3, PATIENCE);
    if (bad) die("%s does not start: %s", program, strerror(bad));
}

/* The limits that `paylink run` has by default, and one operation, `host.echo`. Its answer is the first message. */
static void open_state(void) {
    const lw_open open = {.memory = 256u << 20, .stretch_ns = 5000000000u, .depth = 100, .operations = 1};
    const lw_operation echo = {.operation = ECHO, .name = 4, .shown = 4};
    size_t began = begin(LW_OPEN);
    put(&open, sizeof open);
    put(&echo, sizeof echo);
    put("echoecho", 8);
    end(began);
    flush();
    receive_done();
}

static void build_wall(void) {
    const char *name = "=[paylink bench]", *prelude = "local host = ... host_call = host.echo";
    size_t began = begin(LW_PRELUDE);
    put_word((uint32_t)strlen(name));
    put(name, strlen(name));
    put(prelude, strlen(prelude));
    end(began);
    flush();
    receive_done();
    end(begin(LW_WALL));
    flush();
    lw_walled walled;
    memcpy(&walled, receive(LW_WALLED, sizeof walled), sizeof walled);
    if (walled.missing & LW_NO_FILTER) die("there is no filter to be had here: %s", strerror(walled.filter_error));
    receive_done();
}

/* Gives the child a script with one argument, and the turn. The script's task. */
static uint32_t start_script(const char *source, const char *argument) {
    size_t began = begin(LW_LOAD);
    put_word(2);
    put_word((uint32_t)strlen(source));
    put("=x", 2);
    put(source, strlen(source));
    put_string(argument);
    end(began);
    flush();
    lw_resume resume = {.task = receive_done().task, .mode = LH_RESUME_VALUES};
    began = begin(LW_RESUME);
    put(&resume, sizeof resume);
    end(began);
    flush();
    return resume.task;
}

/* Takes a call of host_call with one integer. */
static void receive_call(uint32_t task, long value) {
    struct __attribute__((packed)) {
        uint32_t operation, task;
        uint8_t tag;
        int64_t value;
    } call;
    memcpy(&call, receive(LW_CALL, sizeof call), sizeof call);
    if (call.operation != ECHO || call.task != task || call.tag != LH_INTEGER || call.value != value)
        die("the script called operation %u with %ld instead of %ld", call.operation, (long)call.value, value);
}

static void answer_call(long value) {
    uint8_t tag = LH_INTEGER;
    int64_t word = value;
    size_t began = begin(LW_REPLY);
    put_word(LH_RETURN);
    put(&tag, 1);
    put(&word, sizeof word);
    end(began);
    flush();
}

static void end_child(void) {
    int is_signal = 0;
    cposix_signal_child(child.handle, SIGKILL);
    int number = cposix_reap_child(child.handle, &is_signal);
    if (!is_signal || number != SIGKILL) die("the child ended with %d instead of being killed", number);
    close(child.handle);
    close(child.socket);
    child.handle = 0;
}

static long resident(void) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", child.process);
    FILE *file = fopen(path, "re");
    long kilobytes = 0;
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmRSS: %ld kB", &kilobytes) == 1) break;
    if (!file || kilobytes <= 0) die("%s tells no VmRSS", path);
    fclose(file);
    return kilobytes * 1024;
}

#endif
