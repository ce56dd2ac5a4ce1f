/* Host calls: the two C stubs between a script and Swift.
 * One asks and returns at once; the other suspends its task until the host resumes it. In both, Swift has
 * returned before anything is pushed or raised, so no Swift frame ever stands under a jump. */
#include "lh_call.h"
#include "lh_codec.h"
#include "lh_limits.h"
#include "lh_memory.h"
#include "lh_report.h"

enum { UP_OPERATION = 1, UP_SHOWN = 2 };

static uint32_t operation_of(lua_State *L) { return (uint32_t)lua_tointeger(L, lua_upvalueindex(UP_OPERATION)); }

const lh_buffer *lh_take_reply(lh_state *H) {
    lh_buffer read = H->reading;
    H->reading = H->reply;
    H->reply = read;
    return &H->reading;
}

/* [-n, +m, may raise] */
static int call_now(lua_State *L) {
    lh_task *task = lh_task_of(L);
    lh_state *H = task->state;
    lh_encode(L, 1, lua_gettop(L), &H->arguments);
    lh_buffer *written = lh_reply_buffer(H);
    int how = H->call(H->context, operation_of(L), task->id, H->arguments.bytes, H->arguments.count, written);
    if (H->reply.failed) return lh_error(L, "not enough memory");
    const lh_buffer *reply = lh_take_reply(H);
    int pushed = lh_decode(L, reply->bytes, reply->count);
    return how == LH_RAISE && pushed > 0 ? lua_error(L) : pushed;
}

/* Names the C function that keeps `L` from being suspended. [-0, +1, may raise] */
static const char *offender(lua_State *L) {
    lua_Debug frame;
    for (int level = 0; level < 64 && lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "Sn", &frame);
        if (*frame.what == 'C' && frame.name && strcmp(frame.namewhat, "metamethod") != 0 && level > 0)
            return lua_pushfstring(L, "'%s'", frame.name);
    }
    return lua_pushliteral(L, "a C function");
}

lua_State *lh_blocked(const lh_task *task) {
    if (!lua_isyieldable(task->L)) return task->L;
    for (int i = 0; i < task->active_count; i++)
        if (!lua_isyieldable(task->active[i])) return task->active[i];
    return NULL;
}

/* [-0, +0, may raise] */
static void check_can_wait(lua_State *L, lh_task *task) {
    const char *shown = lua_tostring(L, lua_upvalueindex(UP_SHOWN));
    if (!task->L) lh_error(L, "%s cannot be used here: no task is running", shown);
    if (task->closing) lh_error(L, "%s cannot wait: its task is being ended", shown);
    const lua_State *blocked = lh_blocked(task);
    if (!blocked) return;
    const char *name = blocked == L ? offender(L) : "a C function (such as table.sort, string.gsub or a metamethod)";
    lh_error(L, "%s cannot wait inside %s, which cannot be suspended: wait before or after it", shown, name);
}

/* [-n, +0, yields or raises] */
static int call_waiting(lua_State *L) {
    lh_task *task = lh_task_of(L);
    lh_state *H = task->state;
    check_can_wait(L, task);
    lh_encode(L, 1, lua_gettop(L), &H->arguments);
    size_t cost = LH_WAIT_COST + 2 * H->arguments.count; /* the host makes strings of its own of them */
    lh_charge_or_raise(L, cost);
    task->held = cost;
    H->operation = operation_of(L);
    task->pending = 1;
    return lua_yieldk(L, 0, 0, lh_finish_wait);
}

/* An error table of the API. [-0, +1, may raise] */
static void push_error(lua_State *L, const char *code, const char *message) {
    lua_createtable(L, 0, 2);
    lua_pushstring(L, code);
    lua_setfield(L, -2, "code");
    lua_pushstring(L, message);
    lua_setfield(L, -2, "message");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lh_key_error);
    lua_setmetatable(L, -2);
}

/* nil and why a task has no results: the error table that it raised, or one made of what it raised.
 * [-0, +2, may raise] */
static int push_failure(lua_State *L, lh_task *from) {
    lua_State *T = from->L;
    lua_pushnil(L);
    if (from->lost) {
        push_error(L, from->end_code ? from->end_code : "failed", from->note ? from->note : "not enough memory");
        return 2;
    }
    if (from->end_code) {
        push_error(L, from->end_code, from->note ? from->note : "the task was ended");
        return 2;
    }
    if (!lua_checkstack(T, 1)) lh_error(L, "not enough memory");
    lua_pushvalue(T, -1);
    lua_xmove(T, L, 1);
    lh_hide_own_line(L, NULL);
    if (!lua_istable(L, -1)) {
        const char *text = lua_isstring(L, -1) ? lua_tostring(L, -1) : luaL_typename(L, -1);
        push_error(L, "failed", text);
        lua_remove(L, -2);
    }
    return 2;
}

/* A finished task's results, or nil and its error. [-0, +n, may raise] */
static int push_results(lua_State *L, lh_task *from) {
    if (from->failed) return push_failure(L, from);
    lua_State *T = from->L;
    int count = lua_gettop(T) - 1; /* above the mark */
    luaL_checkstack(L, count + 2, "too many results");
    if (!lua_checkstack(T, count + 1)) lh_error(L, "not enough memory");
    for (int i = 0; i < count; i++) lua_pushvalue(T, 2 + i);
    lua_xmove(T, L, count);
    return count;
}

int lh_finish_wait(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    lh_state *H = lh_state_of(L);
    if (H->killed) lh_raise_stop(L);
    if (H->reply_mode == LH_RESUME_RESULTS && H->reply_from) return push_results(L, H->reply_from);
    int pushed = lh_decode(L, H->reply_bytes, H->reply_count);
    if (H->reply_mode != LH_RESUME_RAISE || pushed == 0) return pushed;
    if (lua_type(L, -1) == LUA_TSTRING) return lh_error(L, "%s", lua_tostring(L, -1));
    return lua_error(L);
}

void lh_push_operation(lua_State *L, const char *shown, uint32_t operation, int waits) {
    lua_pushinteger(L, operation);
    lua_pushstring(L, shown);
    lua_pushcclosure(L, waits ? call_waiting : call_now, 2);
}
