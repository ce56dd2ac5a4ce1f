/* What a script's own process and its parent say to each other, over one socket pair and in strict turns.
 * The child speaks only while it holds the turn: it was sent an order and has not said LW_DONE, and no LW_CALL of its
 * own is open. Each frame is a header and `count` bytes; numbers are little endian, as both run on one machine.
 * Values are encoded as in CLuaHost.h. The parent believes nothing of what it is told: see ChildBook. */
#ifndef LUAWIRE_H
#define LUAWIRE_H

#include <stdint.h>

enum {
    LW_SOCKET = 3,              /* the child's one descriptor besides the standard ones */
    LW_LARGEST_ORDER = 1 << 30, /* bytes of a frame to the child */
    LW_LARGEST_TEXT = 4096      /* of names and origins */
};

typedef struct {
    uint32_t count, kind;
} lw_header;

/* Orders: the child has the turn. */
enum lw_order {
    LW_OPEN = 1,  /* lw_open, then for each operation lw_operation and its two names. First of all */
    LW_CONSTANT,  /* u32 operation, u32 size of the arguments, arguments, reply. No answer: the next order follows */
    LW_PRELUDE,   /* u32 size of the chunk's name, name, source */
    LW_WALL,      /* from here on the child has no right left; it says LW_WALLED, then LW_DONE */
    LW_LOAD,      /* u32 size of the chunk's name, u32 size of the source, name, source, arguments */
    LW_RESUME,    /* lw_resume, then values */
    LW_KILL,      /* u32 task, u32 size of the code, code, message */
    LW_RELEASE,   /* u32 task. No answer: the next order follows */
    LW_FLUSH,     /* writes what open files hold back */
    LW_REPLY      /* to LW_CALL: u32 lh_reply, then values; a descriptor may come along */
};

/* What the child says. */
enum lw_word {
    LW_OUTPUT = 32, /* text for standard output */
    LW_SPAWNED,     /* u32 task, u32 parent, where */
    LW_COLLECTED,   /* u32 task */
    LW_CALL,        /* u32 operation, u32 task, arguments. The parent has the turn until its LW_REPLY */
    LW_TELL,        /* the same, for an operation that gives nothing back */
    LW_DONE,        /* lw_done, then the outcome's bytes. The parent has the turn */
    LW_WALLED,      /* lw_walled, then the C library's version */
    LW_BREACH       /* u32 number of the system call that the wall refused, the C library's version; the child ends */
};

enum { LW_WAITS = 1, LW_TELLS = 2 };

typedef struct {
    uint32_t operation;
    uint8_t flags, name, shown, zero; /* sizes of the two names that follow */
} lw_operation;

enum { LW_FILES = 1 }; /* the script may be handed open files */

typedef struct {
    uint64_t memory, instructions, stretch_ns, total_ns;
    uint32_t flags, depth, operations, processor_seconds;
} lw_open;

enum { LW_RESTED = 1, LW_ABANDONED = 2 }; /* the parent waited; nobody reads standard output any more */

typedef struct {
    uint32_t flags, task, generation, mode, from;
} lw_resume;

typedef struct {
    int32_t status, stopped;
    uint32_t task, operation, generation, number; /* errno of LW_FLUSH */
    uint64_t used, peak, allocations;
} lw_done;

enum { LW_NO_FILTER = 1, LW_NO_LANDLOCK = 2 }; /* what could not be had */

typedef struct {
    uint32_t missing, landlock; /* version of Landlock's interface */
    int32_t filter_error;       /* errno */
} lw_walled;

/* Signals by which the parent ends what the child computes. */
#define LW_SIGNAL_DEADLINE SIGUSR1
#define LW_SIGNAL_INTERRUPT SIGUSR2
#define LW_SIGNAL_EXIT SIGTERM

/* Exit statuses of the child: a protocol that its parent does not keep, too little memory for itself, the wall. */
enum { LW_EXIT_ORDER = 90, LW_EXIT_MEMORY = 91, LW_EXIT_BREACH = 92, LW_EXIT_WALL = 93 };

#endif
