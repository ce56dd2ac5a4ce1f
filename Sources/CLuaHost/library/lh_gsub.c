/*
 * string.gsub, as Lua 5.4 defines it but bounded in time. Matching itself is
 * in lh_pattern.c.
 */
#include <stdbool.h>
#include <string.h>

#include <lua5.4/lauxlib.h>

#include "lh_pattern.h"
#include "lh_string.h"

/* Stack slots: the arguments, then what the replacement last answered. */
enum { SUBJECT = 1, PATTERN, REPLACEMENT, LIMIT, ANSWER };

/*
 * Steps charged for each '%' in a replacement: it may add nothing to the
 * result, so the memory limit alone does not bound the work.
 */
enum { ESCAPE_STEPS = 4 };

/* Bytes of a replacement that cost a step: they are copied into fresh memory. */
enum { BYTES_PER_STEP = 16 };

/* A replacement string; `escaped` says whether it holds any '%'. */
struct template {
    const char *start;
    const char *end;
    bool escaped;
};

/* Adds the replacement string, its escapes expanded. [-0, +0, may raise] */
static void add_template(struct lh_matcher *m, luaL_Buffer *out, const struct template *template, const char *from,
                         const char *to) {
    const char *p = template->start;
    const char *mark;
    lh_spend(&m->meter, (size_t)(template->end - p) / BYTES_PER_STEP);
    if (!template->escaped) {
        luaL_addlstring(out, p, (size_t)(template->end - p));
        return;
    }
    while ((mark = memchr(p, '%', (size_t)(template->end - p))) != NULL) {
        lh_spend(&m->meter, ESCAPE_STEPS);
        luaL_addlstring(out, p, (size_t)(mark - p));
        char selector = mark[1];
        p = mark + 2;
        if (selector == '%') {
            luaL_addchar(out, '%');
        } else if (selector == '0') {
            luaL_addlstring(out, from, (size_t)(to - from));
        } else if (selector >= '1' && selector <= '9') {
            lh_push_capture(m, selector - '1', from, to);
            luaL_addvalue(out);
        } else {
            luaL_error(m->meter.L, "invalid use of '%%' in replacement string");
        }
    }
    luaL_addlstring(out, p, (size_t)(template->end - p));
}

/*
 * Asks the replacement table or function, and keeps its answer in its slot.
 * Returns false if the match is to stay as it is. [-0, +0, may raise]
 */
static bool ask(struct lh_matcher *m, int type, const char *from, const char *to) {
    lua_State *L = m->meter.L;
    if (type == LUA_TTABLE) {
        lh_push_capture(m, 0, from, to);
        lua_gettable(L, REPLACEMENT);
    } else {
        lua_pushvalue(L, REPLACEMENT);
        lua_call(L, lh_push_captures(m, from, to), 1);
    }
    lh_tick(L);
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    if (!lua_isstring(L, -1)) {
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    }
    /* Off the top of the stack, where the growing buffer must be. */
    lua_replace(L, ANSWER);
    return true;
}

int lh_string_gsub(lua_State *L) {
    size_t length, pattern_length;
    const char *s = luaL_checklstring(L, SUBJECT, &length);
    const char *p = luaL_checklstring(L, PATTERN, &pattern_length);
    int type = lua_type(L, REPLACEMENT);
    lua_Integer limit = luaL_optinteger(L, LIMIT, (lua_Integer)length + 1);
    luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE,
                     REPLACEMENT, "string/function/table");
    bool by_template = type == LUA_TNUMBER || type == LUA_TSTRING;
    struct template template = {0};
    if (by_template) {
        size_t size;
        template.start = lua_tolstring(L, REPLACEMENT, &size);
        template.end = template.start + size;
        template.escaped = memchr(template.start, '%', size) != NULL;
    }

    struct lh_matcher m;
    m.meter = lh_meter_start(L);
    m.subject = s;
    m.subject_end = s + length;
    m.pattern_end = p + pattern_length;
    bool anchored = *p == '^';
    if (anchored) {
        p++;
    }

    lua_settop(L, ANSWER);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    bool changed = false;
    lua_Integer count = 0;
    const char *at = s;
    const char *kept = s; /* [kept, at) goes to the result unchanged */
    const char *last_end = NULL;
    while (count < limit) {
        lh_spend(&m.meter, 1);
        if (!anchored) {
            at = lh_skip(&m, at, p);
        }
        const char *end = lh_match(&m, at, p);
        /* An empty match right behind the last match would count it twice. */
        if (end != NULL && end != last_end) {
            count++;
            if (by_template) {
                luaL_addlstring(&out, kept, (size_t)(at - kept));
                add_template(&m, &out, &template, at, end);
                changed = true;
                kept = end;
            } else if (ask(&m, type, at, end)) {
                size_t size;
                const char *answer = lua_tolstring(L, ANSWER, &size);
                luaL_addlstring(&out, kept, (size_t)(at - kept));
                luaL_addlstring(&out, answer, size);
                changed = true;
                kept = end;
            }
            at = last_end = end;
        } else if (at < m.subject_end) {
            at++;
        } else {
            break;
        }
        if (anchored) {
            break;
        }
    }
    if (changed) {
        luaL_addlstring(&out, kept, (size_t)(m.subject_end - kept));
        luaL_pushresult(&out);
    } else {
        lua_pushvalue(L, SUBJECT);
    }
    lua_pushinteger(L, count);
    return 2;
}
