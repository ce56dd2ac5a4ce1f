/* The last resort: Lua found no protected call for an error. Everything that can raise runs under one, and the texts
 * that Lua makes where none is exist beforehand; should it happen all the same, one line says so, what was printed is
 * written out, and the process ends as after any internal error. */
#include <unistd.h>

#include "lh_protect.h"

enum { INTERNAL_ERROR = 70 };

static lh_last_resort own;

/* What Lua says of a coroutine that it cannot resume, or of an error while one is handled: outside of any protected
 * call. A string that exists is not made anew, so none of them needs memory. [-0, +0, may raise] */
static void keep_texts(lua_State *L) {
    static const char *const texts[] = {"C stack overflow", "cannot resume dead coroutine",
                                        "cannot resume non-suspended coroutine", "error in error handling"};
    static const char key = 0;
    lua_newtable(L);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        lua_pushstring(L, texts[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

static void write_line(const char *text) {
    while (*text) {
        ssize_t count = write(STDERR_FILENO, text, strlen(text));
        if (count <= 0) return;
        text += count;
    }
}

void lh_set_last_resort(const lh_last_resort *resort) { own = resort ? *resort : (lh_last_resort){0}; }

void lh_panic(const char *why) {
    char line[256];
    snprintf(line, sizeof line, "paylink: Lua cannot go on, and paylink with it (internal error): %s\n", why);
    (own.write ? own.write : write_line)(line);
    lh_output_flush();
    if (own.flush) own.flush();
    (own.leave ? own.leave : _exit)(INTERNAL_ERROR);
}

/* [-0, +0] */
static int on_panic(lua_State *L) {
    lh_panic(lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "an error that is no text");
    return 0;
}

int lh_open_panic(lua_State *L) {
    lua_atpanic(L, on_panic);
    keep_texts(L);
    return 0;
}
