/* Files of scripts: stock Lua's handles and their methods, on files that the host has opened and so has allowed.
 * A handle comes first and the file after it, so no error in between loses an open file; the state lists the files,
 * since a handle that is collected while there is no memory cannot close its own. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lh_file.h"
#include "lh_events.h"

static void forget(lh_state *H, const FILE *file) {
    for (int i = 0; i < H->file_count; i++) {
        if (H->files[i] != file) continue;
        H->files[i] = H->files[--H->file_count];
        return;
    }
}

/* What file:close() and collection call. [-1, +n, may raise] */
static int close_file(lua_State *L) {
    luaL_Stream *stream = lua_touserdata(L, 1);
    forget(lh_state_of(L), stream->f);
    return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

/* host.new_file() -> a closed handle, or nil and why not [-0, +1 or +2, may raise] */
static int new_file(lua_State *L) {
    lh_state *H = lh_state_of(L);
    if (H->file_count >= LH_MOST_FILES) lua_gc(L, LUA_GCCOLLECT, 0); /* some may be garbage */
    if (H->file_count >= LH_MOST_FILES) {
        lua_pushnil(L);
        lua_pushfstring(L, "%d files are open already: close some", LH_MOST_FILES);
        return 2;
    }
    luaL_Stream *stream = lua_newuserdatauv(L, sizeof *stream, 0);
    stream->f = NULL;
    stream->closef = NULL;
    luaL_setmetatable(L, LUA_FILEHANDLE);
    return 1;
}

/* host.attach_file(handle, descriptor, mode) -> handle, or nil, message, errno; the descriptor is the handle's or
 * closed in any case [-3, +1 or +3, may raise] */
static int attach_file(lua_State *L) {
    lh_state *H = lh_state_of(L);
    luaL_Stream *stream = lua_touserdata(L, 1);
    int descriptor = (int)lua_tointeger(L, 2);
    const char *mode = lua_tostring(L, 3);
    stream->f = fdopen(descriptor, mode);
    if (!stream->f) {
        int failure = errno;
        close(descriptor);
        errno = failure;
        return luaL_fileresult(L, 0, NULL);
    }
    if (mode[0] == 'a' && !strchr(mode, '+')) fseek(stream->f, 0, SEEK_END); /* as fopen does, and fdopen does not */
    stream->closef = close_file;
    H->files[H->file_count++] = stream->f;
    lua_settop(L, 1);
    return 1;
}

/* file:setvbuf(mode, [size]) -> true [-n, +1, may raise] Without a buffer each letter would be a call of the system,
 * and a read of many could not be ended; so "no" means by line for what may be read. */
static int set_buffer(lua_State *L) {
    static const char *const names[] = {"no", "full", "line", NULL};
    static const int modes[] = {_IONBF, _IOFBF, _IOLBF};
    luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    int mode = modes[luaL_checkoption(L, 2, NULL, names)];
    if (!stream->closef) return luaL_error(L, "attempt to use a closed file");
    if (mode == _IONBF && (stream->closef == close_file || stream->f == stdin)) mode = _IOLBF;
    lua_Integer size = luaL_optinteger(L, 3, BUFSIZ);
    return luaL_fileresult(L, setvbuf(stream->f, NULL, mode, (size_t)size) == 0, NULL);
}

/* With the host table at 1. [-0, +0, may raise] */
void lh_open_file_methods(lua_State *L) {
    luaL_getmetatable(L, LUA_FILEHANDLE);
    lh_guard_metatable(L, lua_gettop(L));
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_getfield(L, -1, "__index");
    lua_pushcfunction(L, set_buffer);
    lua_setfield(L, -2, "setvbuf");
    lua_setfield(L, 1, "file_methods"); /* of the host table: for the prelude alone */
    lua_pop(L, 1);
}

int lh_flush_files(lh_state *H) {
    int failure = 0;
    for (int i = 0; i < H->file_count; i++)
        if (fflush(H->files[i]) != 0 && !failure) failure = errno;
    return failure;
}

void lh_close_files(lh_state *H) {
    while (H->file_count > 0) fclose(H->files[--H->file_count]);
}

int lh_open_file(lua_State *L) {
    lua_pushcfunction(L, new_file);
    lua_setfield(L, 1, "new_file");
    lua_pushcfunction(L, attach_file);
    lua_setfield(L, 1, "attach_file");
    return 0;
}
