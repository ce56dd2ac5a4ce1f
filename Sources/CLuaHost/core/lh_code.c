/* A script's text becomes a function here, and nowhere else: its size is bounded, the watchdog can end its parser, and
 * what Lua 5.4.4 does not compile safely is mended or refused before it runs. */
#include "lh_code.h"
#include "lh_inside.h"
#include "lh_limits.h"
#include "lh_report.h"
#include "lh_task.h"

/* The parser asks for the text in pieces this small, and the clock is looked at before each. Some constructs cost it
 * the more the more of them there were before, so a piece must not hold many. */
enum { PIECE = 256 };

/* To name a value in a message, Lua goes back over how the code came by it: one C call, and one pass over the
 * function, for each step of an expression such as a.b.c. */
enum { MOST_STEPS = 200 };

typedef struct {
    const char *at;
    size_t left, taken, most;
    int asks; /* the text comes from the function at 1, piece by piece; the one at hand is kept at 2 */
} source;

/* [-0, +0, may raise] whether there is more text */
static int refill(lua_State *L, source *s) {
    if (!s->asks) return 0;
    luaL_checkstack(L, 2, "too many nested functions");
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return 0;
    }
    if (!lua_isstring(L, -1)) luaL_error(L, "reader function must return a string");
    lua_replace(L, 2);
    s->at = lua_tolstring(L, 2, &s->left);
    return s->left > 0;
}

/* What lua_load calls. [-0, +0, may raise] */
static const char *read_piece(lua_State *L, void *context, size_t *count) {
    source *s = context;
    lh_tick(L);
    *count = 0;
    if (s->left == 0 && !refill(L, s)) return NULL;
    *count = s->left < PIECE ? s->left : PIECE;
    const char *piece = s->at;
    s->at += *count;
    s->left -= *count;
    s->taken += *count;
    if (s->taken > s->most) luaL_error(L, "the text is larger than %d MB", (int)(s->most >> 20));
    return piece;
}

/* Whether an instruction does nothing with register A but set it. */
static int sets_one(int op) {
    return op <= LH_OP_GETUPVAL || op == LH_OP_NEWTABLE || (op >= LH_OP_ADDI && op <= LH_OP_SHR) ||
           (op >= LH_OP_UNM && op <= LH_OP_CONCAT) || op == LH_OP_GETTABUP || op == LH_OP_GETI ||
           op == LH_OP_CLOSURE || op == LH_OP_VARARG;
}

static unsigned larger(unsigned one, unsigned other) { return one > other ? one : other; }

/* Whether some value of the function is reached through too many steps. It counts too many rather than too few: which
 * jumps lie between is not looked at. */
static int reaches_far(const struct lh_code *code) {
    unsigned short steps[256] = {0};
    for (int i = 0; i < code->count; i++) {
        uint32_t instruction = code->instructions[i];
        int op = lh_op(instruction), a = lh_arg_a(instruction), b = lh_arg_b(instruction), c = lh_arg_c(instruction);
        unsigned reached = 0;
        switch (op) {
        case LH_OP_MOVE: reached = b < a ? steps[b] + 1u : 1; break;
        case LH_OP_GETTABLE: reached = larger(steps[b], steps[c]) + 1; break;
        case LH_OP_GETFIELD: reached = steps[b] + 1u; break;
        case LH_OP_SELF: reached = (lh_arg_k(instruction) ? 0 : steps[c]) + 1u; break;
        case LH_OP_LOADNIL:
            for (int r = a; r <= a + b && r < 256; r++) steps[r] = 1;
            continue;
        case LH_OP_CALL:
        case LH_OP_TFORCALL:
            for (int r = op == LH_OP_CALL ? a : a + 2; r < 256; r++) steps[r] = 1;
            continue;
        default:
            if (!sets_one(op)) continue;
            reached = 1;
        }
        if (reached > MOST_STEPS) return 1;
        steps[a] = (unsigned short)reached;
    }
    return 0;
}

/* Where a generic `for` is left by `break` and its body has made a closure, 5.4.4 closes from one register too high on:
 * the loop's closing value stays among those to be closed when its register holds something else long since. */
static void mend_loops(struct lh_code *code) {
    for (int i = 0; i + 1 < code->count; i++) {
        uint32_t loop = code->instructions[i], *after = &code->instructions[i + 1];
        if (lh_op(loop) != LH_OP_TFORLOOP || lh_op(*after) != LH_OP_CLOSE) continue;
        if (lh_arg_a(*after) == lh_arg_a(loop) + 4) *after -= 4u << 7;
    }
}

/* The first line of a function that must not run; 0: none, as of now. Functions are nested 200 deep at most. */
static int mend(struct lh_code *code) {
    if (reaches_far(code)) return larger(1, (unsigned)code->first_line);
    mend_loops(code);
    for (int i = 0; i < code->inner_count; i++) {
        int line = mend(code->inner[i]);
        if (line) return line;
    }
    return 0;
}

/* [-0, +1, may raise] a status of Lua's; the function or the message is on the top */
static int compile(lua_State *L, source *s, const char *chunk) {
    int status = lua_load(L, read_piece, s, chunk, "t");
    if (lh_is_stopping(lh_state_of(L)) || (lh_state_of(L)->killed && status != LUA_OK)) return lua_error(L);
    if (status != LUA_OK) return status;
    int line = mend((struct lh_code *)lh_code_at(L, -1));
    if (line == 0) return LUA_OK;
    const char *shown = *chunk == '@' || *chunk == '=' ? chunk + 1 : "text";
    lua_pushfstring(L, "%s:%d: an expression in the function that begins here goes through more than %d fields or "
                       "indices in a row: keep a part of it in a local variable", shown, line, MOST_STEPS);
    lua_replace(L, -2);
    return LUA_ERRSYNTAX;
}

int lh_compile(lua_State *L, const char *text, size_t count, const char *chunk) {
    source s = {text, count, 0, LH_LARGEST_FILE, 0};
    return compile(L, &s, chunk);
}

/* host.compile(text, chunk name) -> function, or nil and why not; one of ours gets the prelude's environment. For the
 * prelude [-2, +1 or 2, may raise] */
static int host_compile(lua_State *L) {
    size_t count;
    const char *text = luaL_checklstring(L, 1, &count);
    const char *chunk = luaL_checkstring(L, 2);
    if (lh_compile(L, text, count, chunk) == LUA_OK) {
        if (strncmp(chunk, LH_OWN_CHUNK, sizeof LH_OWN_CHUNK - 1) == 0) lh_set_environment(L);
        return 1;
    }
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

/* load(text or function, [name], [mode], [env]) -> function, or nil and why not [-n, +1 or 2, may raise] */
int lh_load_function(lua_State *L) {
    source s = {.most = LH_LARGEST_LOAD};
    const char *mode = luaL_optstring(L, 3, "t"), *name;
    int has_environment = !lua_isnone(L, 4);
    if (!strchr(mode, 't')) { /* text is all that can be loaded */
        lua_pushnil(L);
        lua_pushfstring(L, "attempt to load a text chunk (mode is '%s')", mode);
        return 2;
    }
    if (lua_isstring(L, 1)) {
        s.at = lua_tolstring(L, 1, &s.left);
        name = luaL_optstring(L, 2, s.at);
    } else {
        luaL_checktype(L, 1, LUA_TFUNCTION);
        name = luaL_optstring(L, 2, "=(load)");
        s.asks = 1;
    }
    if (strncmp(name, LH_OWN_CHUNK, sizeof LH_OWN_CHUNK - 1) == 0)
        return lh_error(L, "load: that chunk name belongs to the host");
    lua_settop(L, 4);
    lua_pushvalue(L, 2); /* 2 becomes the piece at hand, and the name must outlive it */
    if (compile(L, &s, name) != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (has_environment) {
        lua_pushvalue(L, 4);
        if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    }
    return 1;
}

int lh_open_code(lua_State *L) {
    lua_pushcfunction(L, host_compile);
    lua_setfield(L, 1, "compile");
    return 0;
}
