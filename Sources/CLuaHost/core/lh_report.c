/* What a person reads when a script dies: positions and tracebacks in which only script lines stand, across
 * coroutines, and a report encoded for the host. */
#include <stdarg.h>
#include <stdlib.h>

#include "lh_report.h"
#include "lh_limits.h"
#include "lh_memory.h"

enum { HEAD = 12, TAIL = 10, MAX_TRACE = 8192, MAX_SEARCH = 64 };

int lh_is_own(const lua_Debug *frame) {
    return strncmp(frame->source, LH_OWN_CHUNK, sizeof LH_OWN_CHUNK - 1) == 0;
}

/* The line of the nearest script function of `of`. [-0, +1, may raise] */
static const char *where(lua_State *L, lua_State *of) {
    lua_Debug frame;
    for (int level = 0; level < MAX_SEARCH && lua_getstack(of, level, &frame); level++) {
        lua_getinfo(of, "Sl", &frame);
        if (frame.currentline > 0 && !lh_is_own(&frame))
            return lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
    }
    return lua_pushliteral(L, "");
}

const char *lh_where(lua_State *L) { return where(L, L); }

int lh_error(lua_State *L, const char *format, ...) {
    va_list arguments;
    lh_where(L);
    va_start(arguments, format);
    lua_pushvfstring(L, format, arguments);
    va_end(arguments);
    lua_concat(L, 2);
    return lua_error(L);
}

void lh_hide_own_line(lua_State *L, lua_State *of) {
    static const char own[] = LH_OWN_CHUNK;
    size_t length;
    if (lua_type(L, -1) != LUA_TSTRING) return;
    const char *text = lua_tolstring(L, -1, &length);
    if (strncmp(text, own + 1, sizeof own - 2) != 0) return;
    const char *rest = strstr(text, "]:");
    if (!rest) return;
    rest += 2;
    rest += strspn(rest, "0123456789");
    if (strncmp(rest, ": ", 2) != 0) return;
    rest += 2;
    if (of) where(L, of);
    else lua_pushliteral(L, "");
    lua_pushlstring(L, rest, length - (size_t)(rest - text));
    lua_concat(L, 2);
    lua_replace(L, -2);
}

/* [-0, +0, may raise] */
static void add_frame(lua_State *L, luaL_Buffer *out, lua_Debug *frame) {
    luaL_addstring(out, luaL_bufflen(out) > 0 ? "\n  " : "  ");
    if (frame->currentline > 0) lua_pushfstring(L, "%s:%d: in ", frame->short_src, frame->currentline);
    else lua_pushfstring(L, "%s: in ", frame->short_src);
    luaL_addvalue(out);
    if (*frame->what == 'm') lua_pushliteral(L, "main chunk");
    else if (frame->name && *frame->namewhat) lua_pushfstring(L, "%s '%s'", frame->namewhat, frame->name);
    else if (*frame->what == 'C') lua_pushliteral(L, "a host function");
    else lua_pushfstring(L, "function <%s:%d>", frame->short_src, frame->linedefined);
    luaL_addvalue(out);
}

/* [-0, +0] whether a frame belongs to the script, or is a C function that the script called by name */
static int is_shown(lua_State *of, int level, const lua_Debug *frame) {
    lua_Debug caller;
    if (lh_is_own(frame)) return 0;
    if (*frame->what != 'C') return 1;
    if (frame->name == NULL || !*frame->namewhat) return 0;
    return !lua_getstack(of, level + 1, &caller) || (lua_getinfo(of, "S", &caller), !lh_is_own(&caller));
}

/* The outermost level; asking for a level costs as much as it is deep, so it is found by halving. */
static int last_level(lua_State *of) {
    lua_Debug frame;
    int inside = 0, outside = 1;
    while (lua_getstack(of, outside, &frame)) inside = outside, outside *= 2;
    while (inside + 1 < outside) {
        int middle = inside + (outside - inside) / 2;
        if (lua_getstack(of, middle, &frame)) inside = middle;
        else outside = middle;
    }
    return inside;
}

void lh_push_traceback(lua_State *L, lua_State *of, int first) {
    lua_Debug frame;
    int last = last_level(of);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (int level = first; level <= last; level++) {
        if (level - first == HEAD && last - first > HEAD + TAIL) {
            lua_pushfstring(L, "\n  ... (%d more)", last - TAIL - level + 1);
            luaL_addvalue(&out);
            level = last - TAIL + 1;
        }
        if (!lua_getstack(of, level, &frame)) break;
        lua_getinfo(of, "Slnt", &frame);
        if (is_shown(of, level, &frame)) add_frame(L, &out, &frame);
    }
    luaL_pushresult(&out);
}

void lh_remember_trace(lua_State *L, lua_State *co, lh_task *task) {
    const void *value = lua_topointer(co, -1);
    const char *earlier = task->trace && task->trace_of == value ? task->trace : "";
    lh_push_traceback(L, co, 0);
    const char *text = lua_tostring(L, -1);
    size_t first = strlen(earlier), second = strlen(text);
    if (first + second + 2 < MAX_TRACE) {
        lua_pushfstring(L, "%s%s%s", earlier, first ? "\n" : "", text);
        char *joined = lh_copy_text(task->state, lua_tostring(L, -1), lua_rawlen(L, -1));
        lua_pop(L, 1);
        if (joined) {
            lh_drop_text(task->state, task->trace);
            task->trace = joined;
            task->trace_of = value;
        }
    }
    lua_pop(L, 1);
}

typedef struct {
    lua_State *of;
    lh_task *task;
    const char *stop; /* why it was stopped, or NULL */
} report_request;

/* The error value as text. [-0, +1, may raise] */
static int push_message(lua_State *L) {
    if (lua_isnil(L, 1)) lua_pushliteral(L, "the error value is nil");
    else if (lua_isstring(L, 1) || luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL) luaL_tolstring(L, 1, NULL);
    else if (lua_istable(L, 1) && (lua_pushliteral(L, "message"), lua_rawget(L, 1) == LUA_TSTRING)) return 1;
    else if (lua_istable(L, 1) && lh_push_fields(L, 1)) return 1;
    else lua_pushfstring(L, "the error value is a %s", luaL_typename(L, 1));
    return 1;
}

/* host.describe(error) -> what it says, as the report of a script that dies of it [-1, +1, may raise] */
static int describe(lua_State *L) {
    lua_settop(L, 1);
    return push_message(L);
}

int lh_open_report(lua_State *L) {
    lua_pushcfunction(L, describe);
    lua_setfield(L, 1, "describe");
    return 0;
}

/* request -> message, traceback, err.code, note. [-1, +4, may raise] the error value is on request->of's top */
static int build_report(lua_State *L) {
    report_request *request = lua_touserdata(L, 1);
    lua_State *of = request->of;
    lua_settop(L, 2); /* 2: the error value */
    lua_pushcfunction(L, push_message);
    lua_pushvalue(L, 2);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
        lua_pop(L, 1);
        lua_pushfstring(L, "the error value is a %s whose __tostring raised an error", luaL_typename(L, 2));
    }
    if (request->stop && !strstr(lua_tostring(L, 3), request->stop)) { /* it died of the stop's lack of memory */
        lua_pushstring(L, request->stop);
        lua_replace(L, 3);
    }
    lh_hide_own_line(L, of != L ? of : NULL);
    if (of != L) {
        where(L, of);
        size_t length = lua_rawlen(L, -1);
        if (length && strncmp(lua_tostring(L, 3), lua_tostring(L, -1), length) != 0 && !lua_isstring(L, 2)) {
            lua_insert(L, 3);
            lua_concat(L, 2);
        } else {
            lua_pop(L, 1);
        }
        if (request->task && request->task->trace && request->task->trace_of == lua_topointer(L, 2)) {
            lua_pushstring(L, request->task->trace);
            lua_pushliteral(L, "\n");
            lh_push_traceback(L, of, 0);
            lua_concat(L, 3);
        } else {
            lh_push_traceback(L, of, 0);
        }
    } else {
        lua_pushliteral(L, "");
    }
    lua_pushnil(L);
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "code");
        lua_rawget(L, 2);
        if (lua_type(L, -1) == LUA_TSTRING) lua_replace(L, -2);
        else lua_pop(L, 1);
    }
    if (request->task && request->task->note) lua_pushstring(L, request->task->note);
    else lua_pushnil(L);
    return 4;
}

/* Leaves a report's four texts, or nils, on L's top. [-0, +4] */
static int build(lua_State *L, lua_State *of, report_request *request) {
    if (!lua_checkstack(L, 12) || !lua_checkstack(of, 2)) return 0;
    lua_pushcfunction(L, build_report);
    lua_pushlightuserdata(L, request);
    if (of == L) {
        lua_pushvalue(L, -3);
    } else {
        lua_pushvalue(of, -1);
        lua_xmove(of, L, 1);
    }
    if (lua_pcall(L, 2, 4, 0) == LUA_OK) return 1;
    for (int i = 0; i < 3; i++) lua_pushnil(L); /* what went wrong with the report is all there is to tell */
    return lua_type(L, -4) == LUA_TSTRING;
}

void lh_report(lh_state *H, lua_State *of, lh_task *task, lh_outcome *outcome) {
    lua_State *L = H->L;
    char stop[160];
    int killed = H->killed;
    report_request request = {of, task, killed ? stop : NULL};
    lh_stop_text(H, stop, sizeof stop);
    outcome->status = LH_FAILED;
    H->overdraft = 256 * 1024;      /* the report of a full heap needs a little room */
    H->killed = LH_STOP_NONE;       /* so that the report itself is not stopped; */
    H->current = killed ? NULL : L; /* but an error's own __tostring still can be */
    if (killed) lua_sethook(L, NULL, 0, 0);
    int ok = build(L, of, &request);
    H->report.count = 0;
    H->report.failed = 0;
    for (int i = -4; ok && i <= -1; i++) {
        size_t length = 0;
        const char *text = lua_type(L, i) == LUA_TSTRING ? lua_tolstring(L, i, &length) : NULL;
        if (text) lh_put_string(&H->report, text, lh_kept_length(text, length));
        else lh_put_tag(&H->report, LH_NIL);
    }
    if (!ok || H->report.failed) outcome->status = LH_NO_MEMORY;
    lua_settop(L, 0);
    if (killed) H->killed = killed;
    H->current = of;
    H->overdraft = 0;
    outcome->bytes = H->report.bytes;
    outcome->count = H->report.count;
    outcome->stopped = H->killed;
}
