/* Counts lines as they begin. Only who asks for it pays: a line hook makes Lua several times slower. What is counted
 * is the host's memory, not the script's. */
#include "lh_cover.h"

#include <stdlib.h>
#include <string.h>

/* Lines beyond are not counted: nobody writes such a file. */
enum { MOST_LINES = 1 << 20 };

typedef struct {
    char *name;
    uint32_t *counts;
    size_t lines;
} covered_file;

struct lh_cover {
    covered_file *files;
    size_t count;
    size_t last; /* the file of the line before */
    int failed;
};

static covered_file *file_named(lh_cover *cover, const char *name) {
    if (cover->last < cover->count && strcmp(cover->files[cover->last].name, name) == 0) return &cover->files[cover->last];
    for (size_t i = 0; i < cover->count; i++)
        if (strcmp(cover->files[i].name, name) == 0) return &cover->files[cover->last = i];
    covered_file *files = realloc(cover->files, (cover->count + 1) * sizeof *files);
    if (!files) return NULL;
    cover->files = files;
    char *copy = strdup(name);
    if (!copy) return NULL;
    files[cover->count] = (covered_file){.name = copy};
    return &files[cover->last = cover->count++];
}

static int make_room(covered_file *file, size_t line) {
    if (line <= file->lines) return 1;
    size_t lines = line * 2;
    uint32_t *counts = realloc(file->counts, lines * sizeof *counts);
    if (!counts) return 0;
    memset(counts + file->lines, 0, (lines - file->lines) * sizeof *counts);
    file->counts = counts;
    file->lines = lines;
    return 1;
}

void lh_cover_line(lh_state *H, lua_State *L, lua_Debug *event) {
    lh_cover *cover = H->cover;
    int line = event->currentline;
    if (line < 1 || line > MOST_LINES || !lua_getinfo(L, "S", event) || event->source[0] != '@') return;
    covered_file *file = file_named(cover, event->source + 1);
    if (!file || !make_room(file, (size_t)line)) {
        cover->failed = 1;
        return;
    }
    uint32_t *count = &file->counts[line - 1];
    if (*count < UINT32_MAX) ++*count;
}

int lh_cover_lines(lh_state *H) {
    if (!H->cover) H->cover = calloc(1, sizeof *H->cover);
    return H->cover != NULL;
}

int lh_covered(const lh_state *H, size_t index, lh_covered_file *file) {
    if (!H->cover || H->cover->failed || index >= H->cover->count) return 0;
    const covered_file *found = &H->cover->files[index];
    *file = (lh_covered_file){found->name, found->counts, found->lines};
    return 1;
}

void lh_cover_end(lh_state *H) {
    if (!H->cover) return;
    for (size_t i = 0; i < H->cover->count; i++) {
        free(H->cover->files[i].name);
        free(H->cover->files[i].counts);
    }
    free(H->cover->files);
    free(H->cover);
    H->cover = NULL;
}
