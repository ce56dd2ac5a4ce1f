/* A state's life: its opening under protection, its buffers, and its end. */
#include <stdlib.h>

#include "lh_base.h"
#include "lh_call.h"
#include "lh_code.h"
#include "lh_codec.h"
#include "lh_cover.h"
#include "lh_duration.h"
#include "lh_events.h"
#include "lh_file.h"
#include "lh_inside.h"
#include "lh_json.h"
#include "lh_keep.h"
#include "lh_memory.h"
#include "lh_money.h"
#include "lh_protect.h"
#include "lh_report.h"
#include "lh_secret.h"
#include "lh_shield.h"
#include "lh_task.h"

/* Buffers that carry arguments and replies count as the script's memory. */
int lh_reserve(lh_buffer *buffer, size_t more) {
    size_t capacity = buffer->capacity ? buffer->capacity : 1024;
    while (capacity < buffer->count + more) capacity *= 2;
    uint8_t *bytes = buffer->owner ? lh_allocate(buffer->owner, buffer->bytes, buffer->capacity, capacity)
                                   : realloc(buffer->bytes, capacity);
    if (!bytes) {
        buffer->failed = 1;
        return 0;
    }
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return 1;
}

lh_buffer *lh_reply_buffer(lh_state *H) {
    H->reply.count = 0;
    H->reply.failed = 0;
    return &H->reply;
}

void lh_drop(lh_buffer *buffer) {
    if (buffer->owner) lh_allocate(buffer->owner, buffer->bytes, buffer->capacity, 0);
    else free(buffer->bytes);
    buffer->bytes = NULL;
    buffer->capacity = buffer->count = 0;
}

static const char host_key = 0;

/* [-0, +0, may raise] runs under lua_pcall */
static int open_protected(lua_State *L) {
    lua_newtable(L); /* 1: host */
    lua_pushvalue(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &host_key);
    lh_open_panic(L);
    lh_open_events(L);
    lh_open_inside(L);
    lh_open_codec(L);
    lh_open_task(L);
    lh_open_secret(L);
    lh_open_file(L);
    lh_open_report(L);
    lh_open_discard(L);
    lh_open_shield(L);
    lh_open_code(L);
    lh_open_money(L);
    lh_open_duration(L);
    lh_open_json_read(L);
    lh_open_json_write(L);
    lh_open_keep(L);
    lh_open_base(L);
    lh_close_events(L);
    return 0;
}

lh_state *lh_open(const lh_limits *limits, lh_host_call call, void *context) {
    lh_state *H = calloc(1, sizeof *H);
    if (!H) return NULL;
    H->limits = *limits;
    H->call = call;
    H->context = context;
    H->arguments.owner = H->reply.owner = H->reading.owner = H->report.owner = H;
    H->none.state = H;
    H->rested = 1;
    H->running = &H->none;
    H->L = lua_newstate(lh_allocate, H);
    if (!H->L) {
        lh_pool_close(&H->pool);
        free(H);
        return NULL;
    }
    *(lh_state **)lua_getextraspace(H->L) = H;
    lua_pushcfunction(H->L, open_protected);
    int status = lua_pcall(H->L, 0, 0, 0);
    lua_settop(H->L, 0);
    if (status != LUA_OK || !lh_watchdog_start(H)) {
        lh_close(H);
        return NULL;
    }
    return H;
}

void lh_close(lh_state *H) {
    if (!H) return;
    lh_watchdog_end(H);
    H->ending = 1;
    lua_close(H->L);
    lh_cover_end(H);
    lh_close_files(H);
    for (uint32_t i = 0; i < H->task_count; i++)
        if (H->tasks[i]) lh_task_free(H->tasks[i]);
    lh_drop_text(H, H->none.note);
    free(H->tasks);
    free(H->free_ids);
    lh_drop(&H->arguments);
    lh_drop(&H->reply);
    lh_drop(&H->reading);
    lh_drop(&H->report);
    lh_pool_close(&H->pool);
    free(H);
}

typedef struct {
    const char *name, *shown;
    uint32_t operation;
    int waits;
} define_request;

/* [-1, +0, may raise] */
static int define_protected(lua_State *L) {
    define_request *request = lua_touserdata(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &host_key);
    lh_push_operation(L, request->shown, request->operation, request->waits);
    lua_setfield(L, -2, request->name);
    return 0;
}

int lh_define(lh_state *H, const char *name, const char *shown, uint32_t operation, int waits) {
    define_request request = {name, shown, operation, waits};
    lua_pushcfunction(H->L, define_protected);
    lua_pushlightuserdata(H->L, &request);
    int status = lua_pcall(H->L, 1, 0, 0);
    lua_settop(H->L, 0);
    return status == LUA_OK;
}

typedef struct {
    const char *source, *chunk;
    size_t count;
} prelude_request;

void lh_push_host(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &host_key); }

void lh_set_environment(lua_State *L) {
    lh_push_host(L);
    if (lua_getfield(L, -1, "prelude_environment") == LUA_TTABLE) lua_setupvalue(L, -3, 1); /* a chunk's only one */
    else lua_pop(L, 1);
    lua_pop(L, 1);
}

/* [-1, +0, may raise] */
static int prelude_protected(lua_State *L) {
    prelude_request *request = lua_touserdata(L, 1);
    if (lh_compile(L, request->source, request->count, request->chunk) != LUA_OK) return lua_error(L);
    lh_set_environment(L);
    lh_push_host(L);
    lua_call(L, 1, 0);
    return 0;
}

lh_outcome lh_prelude(lh_state *H, const char *source, size_t count, const char *chunk) {
    lh_outcome outcome = {.status = LH_FINISHED};
    prelude_request request = {source, chunk, count};
    lh_enter(H, H->L);
    lua_pushcfunction(H->L, prelude_protected);
    lua_pushlightuserdata(H->L, &request);
    if (lua_pcall(H->L, 1, 0, 0) != LUA_OK) lh_report(H, H->L, NULL, &outcome);
    lua_settop(H->L, 0);
    lh_leave(H);
    return outcome;
}

int lh_stopped(const lh_state *H) { return H->killed; }
size_t lh_memory_used(const lh_state *H) { return H->used; }
size_t lh_memory_peak(const lh_state *H) { return H->peak; }
uint64_t lh_allocations(const lh_state *H) { return H->allocations; }
