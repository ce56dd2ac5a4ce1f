/* Tries on known code whether Lua's structures are as lh_inside.h has them. */
#include "lh_inside.h"

/* [-1, +1] stands for a message handler; it is never called */
static int handler(lua_State *L) {
    (void)L;
    return 1;
}

typedef struct {
    uint32_t outer_calls;
    int with_handler, right;
} trial;

/* With what `trial` says; the C calls of the two trials follow each other. [-1, +0] */
static int look(lua_State *L) {
    trial *t = lua_touserdata(L, 1);
    const struct lh_thread *thread = (const void *)L;
    uint32_t calls = thread->c_calls & 0xFFFF;
    t->right &= calls > t->outer_calls && calls < t->outer_calls + 20;
    t->outer_calls = calls;
    if (t->with_handler) {
        ptrdiff_t place = thread->message_handler;
        t->right &= place > 0 && place % 16 == 0 && place < 16 * 1000;
        lua_CFunction kept = NULL;
        if (t->right) memcpy(&kept, thread->stack + place, sizeof kept);
        t->right &= kept == handler;
    } else {
        t->right &= thread->message_handler == 0;
        t->with_handler = 1;
        lua_pushcfunction(L, handler);
        lua_pushcfunction(L, look);
        lua_pushlightuserdata(L, t);
        if (lua_pcall(L, 1, 0, -3) != LUA_OK) t->right = 0;
    }
    return 0;
}

static int is_thread_known(lua_State *L) {
    trial t = {0, 0, 1};
    lua_pushcfunction(L, look);
    lua_pushlightuserdata(L, &t);
    return lua_pcall(L, 1, 0, 0) == LUA_OK && t.right && t.with_handler;
}

/* [-0, +0, may raise] */
static int is_code_known(lua_State *L) {
    static const char text[] = "local t = ...\nfor k in t do\nlocal function f()\nreturn k end\nif f then break end\nend";
    if (luaL_loadbufferx(L, text, sizeof text - 1, "=probe", "t") != LUA_OK) lua_error(L);
    const struct lh_code *code = lh_code_at(L, -1);
    int loops = 0;
    int known = code->is_vararg == 1 && code->parameters == 0 && code->registers > 4 && code->registers < 20 &&
                code->count > 8 && code->count < 40 && code->inner_count == 1 && code->first_line == 0 &&
                lh_op(code->instructions[0]) == LH_OP_VARARGPREP && code->inner[0]->first_line == 3 &&
                code->inner[0]->last_line == 4 && lh_op(code->inner[0]->instructions[0]) == LH_OP_GETUPVAL;
    for (int i = 0; known && i + 1 < code->count; i++) {
        if (lh_op(code->instructions[i]) != LH_OP_TFORLOOP) continue;
        loops += lh_op(code->instructions[i - 1]) == LH_OP_TFORCALL && lh_op(code->instructions[i + 1]) == LH_OP_CLOSE;
    }
    lua_pop(L, 1);
    return known && loops == 1;
}

int lh_open_inside(lua_State *L) {
    if (!is_thread_known(L) || !is_code_known(L)) return luaL_error(L, "this Lua is not built as Lua 5.4 is");
    return 0;
}
