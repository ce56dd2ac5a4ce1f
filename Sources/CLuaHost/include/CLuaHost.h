/* The whole of what Swift sees of Lua: about a dozen plain functions, none of which can raise.
 * Every value crosses as bytes (the tags below); every lua_State stays behind this header.
 * All functions are called by the state's one owner, except lh_stop, which any thread may call. */
#ifndef CLUAHOST_H
#define CLUAHOST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "LuaWire.h"

typedef struct lh_state lh_state;

/* Why a script was stopped: once set, no pcall, coroutine or __close can go on. */
enum lh_stop_reason {
    LH_STOP_NONE = 0,
    LH_STOP_STRETCH,      /* ran too long without waiting */
    LH_STOP_TIME,         /* ran too long in all, waits excluded */
    LH_STOP_INSTRUCTIONS, /* executed too many VM instructions */
    LH_STOP_DEADLINE,     /* the host's own wall-clock limit */
    LH_STOP_INTERRUPT,    /* a person or a signal asked for it */
    LH_STOP_EXIT          /* the script called os.exit */
};

typedef struct {
    size_t memory;         /* bytes the Lua heap may hold; 0: unbounded */
    uint64_t instructions; /* VM instructions; 0: not counted (counting halves the VM's speed) */
    uint64_t stretch_ns;   /* longest run without a wait; 0: unbounded */
    uint64_t total_ns;     /* running time in all, waits excluded; 0: unbounded */
    uint64_t fail_at;      /* tests: the n-th allocation fails, and all after it while `fail_from`; 0: never */
    int fail_from;
} lh_limits;

/* Growing bytes, owned by the state; without an owner by the process, and given back by lh_drop. A failed growth sets
 * `failed`; the reader then raises. */
typedef struct {
    uint8_t *bytes;
    size_t count, capacity;
    int failed;
    int descriptor; /* an open file that the reply hands over, plus one; 0: none */
    lh_state *owner;
} lh_buffer;

enum lh_tag {
    LH_NIL = 0, LH_FALSE, LH_TRUE,
    LH_INTEGER, /* int64, little endian */
    LH_NUMBER,  /* IEEE double */
    LH_STRING,  /* uint32 length, bytes */
    LH_ARRAY,   /* uint32 size hint, values, LH_END */
    LH_MAP,     /* uint32 size hint, key and value by turns, LH_END */
    LH_END,
    LH_BOX,     /* int64: the host's opaque exact integer (money) */
    LH_NULL,    /* the null sentinel */
    LH_TASK,    /* uint32: a task handle */
    LH_RECORDS, /* rows of a table file; only to Lua. uint32 columns, uint32 rows; for each column uint32 length and name;
                   columns x rows uint32 ends of the fields in the text; rows uint32 lines, the high bit set for a bad
                   row; uint32 size of the text; the text */
    LH_SECRET   /* a secret, only from Lua: the array of its parts follows, texts and the host's numbers */
};

/* How a host call ended: the reply holds values to return, or one value to raise. */
enum lh_reply { LH_RETURN = 0, LH_RAISE = 1 };

/* Called on the owner's thread. `arguments` is valid until it returns. It must not call back into the state
 * except by lh_put_*. */
typedef int (*lh_host_call)(void *context, uint32_t operation, uint32_t task, const uint8_t *arguments,
                            size_t count, lh_buffer *reply);

/* Operations that the runtime itself reports, next to those that lh_define names. */
enum { LH_SPAWNED = 0xFFFF0001, LH_COLLECTED = 0xFFFF0002 };

enum lh_status {
    LH_FINISHED = 0, /* the task's function returned */
    LH_WAITING,      /* bytes: arguments of the operation it waits for */
    LH_FAILED,       /* bytes: message, traceback, err.code or nil, note on an ignored failure or nil */
    LH_STALE,        /* the generation was an old one: nothing was done */
    LH_NO_MEMORY     /* the runtime itself could not allocate */
};

typedef struct {
    int status;
    int stopped;         /* lh_stop_reason, when a limit ended it */
    uint32_t task, operation, generation;
    const uint8_t *bytes; /* valid until the next call on the state */
    size_t count;
} lh_outcome;

/* How a task is resumed. */
enum lh_resume_mode {
    LH_RESUME_VALUES = 0, /* bytes: values that the wait returns */
    LH_RESUME_RAISE,      /* bytes: one value that the wait raises */
    LH_RESUME_RESULTS     /* `from`: that finished task's results, or nil and its error */
};

/* Called on a thread of the state's own when a script does not end though a limit of time did: it is in C code that
 * looks at no clock, such as a read, or in the host. */
typedef void (*lh_stuck)(void *context, int reason);

/* How often each line has begun in functions of one file that are defined on one line (0: the file's own chunk); `counts` has
   a place for each line of the file from the first. */
typedef struct {
    const char *name;
    int function;
    const uint32_t *counts;
    size_t lines;
} lh_covered_lines;

/* NULL when there is not enough memory (or the limit is too small to start). */
lh_state *lh_open(const lh_limits *limits, lh_host_call call, void *context);
void lh_close(lh_state *state);

/* Names an operation `host.<name>` for the prelude. `shown` is its name in messages. 0: no memory. */
int lh_define(lh_state *state, const char *name, const char *shown, uint32_t operation, int waits);
/* Runs host-provided Lua with `host` as its argument. */
lh_outcome lh_prelude(lh_state *state, const char *source, size_t count, const char *chunk);
/* Counts lines from now on, which makes Lua several times slower. 0: no memory. */
int lh_cover_lines(lh_state *state);
/* The index-th of what was counted, valid until the next call on the state. 0: there is none; or nothing is known, for want
 * of memory. */
int lh_covered(const lh_state *state, size_t index, lh_covered_lines *lines);
/* Makes a task of a script's text; its arguments are encoded values. LH_FINISHED: `task` is ready to resume. */
lh_outcome lh_load(lh_state *state, const char *source, size_t count, const char *chunk,
                   const uint8_t *arguments, size_t argument_count);
lh_outcome lh_resume(lh_state *state, uint32_t task, uint32_t generation, int mode, const uint8_t *bytes,
                     size_t count, uint32_t from);
/* Ends a suspended or unstarted task: its pending __close handlers run, nothing can catch it.
 * Who joins it gets an error with this code and message. */
void lh_kill(lh_state *state, uint32_t task, const char *code, const char *message);
/* Gives a finished or killed task's slot back; the host has forgotten it. */
void lh_release(lh_state *state, uint32_t task);
/* The host goes and waits: the stretch without a wait that follows is a new one. */
void lh_rest(lh_state *state);
/* Returns once the state's watchdog runs: from then on it makes no system call but to wait and to signal. */
void lh_await_watchdog(lh_state *state);
/* Asks to be told once what runs has gone on for so long after a limit of running time was reached. Before the first
 * script runs. */
void lh_tell_stuck(lh_state *state, uint64_t grace_ns, lh_stuck stuck, void *context);
/* What the host keeps for a script counts as the script's memory. 0: there is not so much left. */
int lh_charge(lh_state *state, size_t bytes);
void lh_uncharge(lh_state *state, size_t bytes);
/* Any thread: ends what runs, now or at the next entry. */
void lh_stop(lh_state *state, int reason);
/* The lh_stop_reason in force: a __close handler that lh_kill ran may have asked for it. */
int lh_stopped(const lh_state *state);
/* Writes what the files that the script has open hold back. 0, or the errno of the first that could not be written. */
int lh_flush_files(lh_state *state);
size_t lh_memory_used(const lh_state *state);
size_t lh_memory_peak(const lh_state *state);
uint64_t lh_allocations(const lh_state *state);
/* Where a task was spawned ("script.lua:12"), or "". */
const char *lh_task_origin(const lh_state *state, uint32_t task);

/* The buffer in which a wait's reply may be written before lh_resume, emptied. */
lh_buffer *lh_reply_buffer(lh_state *state);

/* Standard output, which scripts share: adds to its buffer; writes every line out as it ends, if
   called while it is empty; writes it out, 0 when that failed now or before. */
void lh_output_write(const void *bytes, size_t count);
void lh_output_by_line(void);
void lh_output_by_flush(void);
int lh_output_pending(void);
int lh_output_flush(void);
/* Whether writing has failed because nobody reads any more. */
int lh_output_abandoned(void);
/* Tells that instead, in a process whose standard output is no descriptor of its own. */
extern int (*lh_output_probe)(void);

/* The last resort, when Lua can neither go on nor raise an error: writes a line on standard error, writes out standard
   output, and ends the process with status 70. What the host sets takes the place of a step, or adds to it (`flush`);
   NULL: all as it is. `leave` must not return, except in tests of lh_panic itself. */
typedef struct {
    void (*write)(const char *line);
    void (*flush)(void);
    void (*leave)(int status);
} lh_last_resort;
void lh_set_last_resort(const lh_last_resort *resort);
void lh_panic(const char *why);

int lh_reserve(lh_buffer *buffer, size_t more);
void lh_drop(lh_buffer *buffer);

static inline void lh_put_bytes(lh_buffer *b, const void *from, size_t count) {
    if (b->capacity - b->count < count && !lh_reserve(b, count)) return;
    if (count) memcpy(b->bytes + b->count, from, count);
    b->count += count;
}
static inline void lh_put_tag(lh_buffer *b, int tag) {
    uint8_t t = (uint8_t)tag;
    lh_put_bytes(b, &t, 1);
}
static inline void lh_put_word(lh_buffer *b, int tag, uint64_t word) {
    uint8_t cell[9];
    cell[0] = (uint8_t)tag;
    memcpy(cell + 1, &word, 8);
    lh_put_bytes(b, cell, 9);
}
static inline void lh_put_sized(lh_buffer *b, int tag, uint32_t size) {
    uint8_t cell[5];
    cell[0] = (uint8_t)tag;
    memcpy(cell + 1, &size, 4);
    lh_put_bytes(b, cell, 5);
}
static inline void lh_put_string(lh_buffer *b, const void *bytes, size_t count) {
    lh_put_sized(b, LH_STRING, (uint32_t)count);
    lh_put_bytes(b, bytes, count);
}

#endif
