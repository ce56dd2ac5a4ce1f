/* What is read, and in two places written, of Lua 5.4's own structures. Their layout is the same in every release of
 * 5.4; lh_open_inside tries it on known code when a state is opened, and no state opens where it does not hold. */
#ifndef LH_INSIDE_H
#define LH_INSIDE_H

#include "lh_state.h"

#if LUA_VERSION_NUM != 504
#error "these structures and instructions are those of Lua 5.4"
#endif

/* The beginning of struct CallInfo, for a function written in Lua. */
struct lh_call {
    void *function, *top;
    struct lh_call *previous, *next;
    const uint32_t *next_instruction;
};

/* The beginning of struct lua_State. */
struct lh_thread {
    void *next_object;
    uint8_t type, mark, status, allows_hook;
    unsigned short calls;
    void *top, *global, *call, *stack_end;
    char *stack;
    void *open_upvalues, *to_close, *gray, *with_upvalues, *jump;
    uint64_t base_call[8];
    lua_Hook hook;
    ptrdiff_t message_handler; /* bytes from the stack's beginning; 0: none */
    uint32_t c_calls;          /* in the lower half; the upper one counts what cannot be suspended */
};

/* The beginning of struct Proto: the code of one function. */
struct lh_code {
    void *next_object;
    uint8_t type, mark, parameters, is_vararg, registers;
    int upvalue_count, constant_count, count, line_count, inner_count, local_count, marked_line_count;
    int first_line, last_line;
    void *constants;
    uint32_t *instructions;
    struct lh_code **inner;
};

/* The beginning of struct LClosure. */
struct lh_function {
    void *next_object;
    uint8_t type, mark, upvalue_count;
    void *gray;
    struct lh_code *code;
};

/* The instructions that are looked at; the numbers are those of lopcodes.h. */
enum lh_instruction {
    LH_OP_MOVE = 0, LH_OP_LOADNIL = 8, LH_OP_GETUPVAL = 9, LH_OP_GETTABUP = 11, LH_OP_GETTABLE = 12, LH_OP_GETI = 13,
    LH_OP_GETFIELD = 14, LH_OP_NEWTABLE = 19, LH_OP_SELF = 20, LH_OP_ADDI = 21, LH_OP_SHR = 45, LH_OP_UNM = 49,
    LH_OP_CONCAT = 53, LH_OP_CLOSE = 54, LH_OP_CALL = 68, LH_OP_TFORCALL = 76, LH_OP_TFORLOOP = 77,
    LH_OP_CLOSURE = 79, LH_OP_VARARG = 80, LH_OP_VARARGPREP = 81
};

static inline int lh_op(uint32_t instruction) { return (int)(instruction & 0x7F); }
static inline int lh_arg_a(uint32_t instruction) { return (int)(instruction >> 7 & 0xFF); }
static inline int lh_arg_k(uint32_t instruction) { return (int)(instruction >> 15 & 1); }
static inline int lh_arg_b(uint32_t instruction) { return (int)(instruction >> 16 & 0xFF); }
static inline int lh_arg_c(uint32_t instruction) { return (int)(instruction >> 24); }

/* What a coroutine that is closed must not keep: the place of a message handler that its stack no longer holds, and a
 * count of C calls from when it was suspended. [-0, +0] */
static inline void lh_forget_calls(lua_State *L, lua_State *co) {
    struct lh_thread *closed = (struct lh_thread *)(void *)co;
    closed->message_handler = 0;
    closed->c_calls = ((const struct lh_thread *)(const void *)L)->c_calls & 0xFFFF;
}

/* The code of the Lua function at `index`. [-0, +0] */
static inline struct lh_code *lh_code_at(lua_State *L, int index) {
    return ((const struct lh_function *)lua_topointer(L, index))->code;
}

int lh_open_inside(lua_State *L);                  /* [-0, +0, may raise] */

#endif
