/* An error that is a plain table, as a person reads it: { code = "late", order = 7 }. */
#include <stdlib.h>

#include "lh_events.h"
#include "lh_report.h"

enum { MOST_FIELDS = 32, MOST_LOOKED_AT = 1000, MOST_BYTES = 100 };

/* The string at `index` in quotes, cut where it is long. [-0, +1, may raise] */
static void push_quoted(lua_State *L, int index) {
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    size_t kept = length;
    if (length > MOST_BYTES) {
        kept = MOST_BYTES;
        while (kept > 0 && (text[kept] & 0xC0) == 0x80) kept--; /* whole characters */
    }
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    luaL_addchar(&out, '"');
    for (size_t i = 0; i < kept; i++) {
        if (text[i] == '\n') luaL_addstring(&out, "\\n"); /* a report's lines are its own */
        else luaL_addchar(&out, text[i]);
    }
    luaL_addstring(&out, kept < length ? "\xE2\x80\xA6\"" : "\"");
    luaL_pushresult(&out);
}

/* The value on the top as text, or nothing if it is no scalar. [-0, +0 or 1, may raise] */
static int push_scalar(lua_State *L) {
    switch (lua_type(L, -1)) {
    case LUA_TSTRING: push_quoted(L, lua_gettop(L)); return 1;
    case LUA_TNUMBER:
    case LUA_TBOOLEAN: luaL_tolstring(L, -1, NULL); return 1;
    case LUA_TUSERDATA: /* money, or a secret, which shows as *** */
        if (luaL_getmetafield(L, -1, "__tostring") == LUA_TNIL) return 0;
        lua_pop(L, 1);
        luaL_tolstring(L, -1, NULL);
        return 1;
    default: return 0;
    }
}

static int in_order(const void *one, const void *other) {
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

int lh_push_fields(lua_State *L, int index) {
    const char *fields[MOST_FIELDS];
    int count = 0, more = 0;
    luaL_checkstack(L, MOST_FIELDS + 8, "too many fields");
    int base = lua_gettop(L);
    lua_pushnil(L);
    for (int looked = 0; looked < MOST_LOOKED_AT && lh_next(L, index); looked++) {
        if ((lua_type(L, -2) == LUA_TSTRING || lua_isinteger(L, -2)) && push_scalar(L)) { /* key value text */
            if (count == MOST_FIELDS) {
                more++;
                lua_pop(L, 2);
                continue;
            }
            if (lua_type(L, -3) == LUA_TSTRING) lua_pushfstring(L, "%s = %s", lua_tostring(L, -3), lua_tostring(L, -1));
            else lua_pushfstring(L, "[%I] = %s", (LUAI_UACINT)lua_tointeger(L, -3), lua_tostring(L, -1));
            fields[count++] = lua_tostring(L, -1);
            lua_insert(L, base + 1); /* below key, value and text: it stays */
            lua_pop(L, 2);
        } else {
            lua_pop(L, 1);
        }
    }
    lua_settop(L, base + count);
    if (count == 0) return 0;
    qsort(fields, (size_t)count, sizeof *fields, in_order);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (int i = 0; i < count; i++) {
        luaL_addstring(&out, i == 0 ? "{ " : ", ");
        luaL_addstring(&out, fields[i]);
    }
    luaL_addstring(&out, more ? ", \xE2\x80\xA6 }" : " }");
    luaL_pushresult(&out);
    lua_replace(L, base + 1);
    lua_settop(L, base + 1);
    return 1;
}
