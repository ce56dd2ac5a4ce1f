/* Counts lines as they begin. Only who asks for it pays: a line hook makes Lua several times slower. What is counted
 * is the host's memory, not the script's. */
#include "lh_cover.h"

#include <stdlib.h>
#include <string.h>

/* Lines beyond are not counted: nobody writes such a file. */
enum { MOST_LINES = 1 << 20 };

/* Of the functions that begin on one line of a file: two of them may share a line, as that of an `end`. */
typedef struct {
    char *name;
    int function;
    uint32_t *counts;
    size_t lines;
} covered;

struct lh_cover {
    covered *functions;
    size_t count;
    size_t last; /* that of the line before */
    int failed;
};

static int is_it(const covered *one, const char *name, int function) {
    return one->function == function && strcmp(one->name, name) == 0;
}

static covered *find(lh_cover *cover, const char *name, int function) {
    if (cover->last < cover->count && is_it(&cover->functions[cover->last], name, function)) return &cover->functions[cover->last];
    for (size_t i = 0; i < cover->count; i++)
        if (is_it(&cover->functions[i], name, function)) return &cover->functions[cover->last = i];
    covered *functions = realloc(cover->functions, (cover->count + 1) * sizeof *functions);
    if (!functions) return NULL;
    cover->functions = functions;
    char *copy = strdup(name);
    if (!copy) return NULL;
    functions[cover->count] = (covered){.name = copy, .function = function};
    return &functions[cover->last = cover->count++];
}

static int make_room(covered *one, size_t line) {
    if (line <= one->lines) return 1;
    size_t lines = line * 2;
    uint32_t *counts = realloc(one->counts, lines * sizeof *counts);
    if (!counts) return 0;
    memset(counts + one->lines, 0, (lines - one->lines) * sizeof *counts);
    one->counts = counts;
    one->lines = lines;
    return 1;
}

void lh_cover_line(lh_state *H, lua_State *L, lua_Debug *event) {
    lh_cover *cover = H->cover;
    int line = event->currentline;
    if (line < 1 || line > MOST_LINES || !lua_getinfo(L, "S", event) || event->source[0] != '@') return;
    covered *one = find(cover, event->source + 1, event->linedefined);
    if (!one || !make_room(one, (size_t)line)) {
        cover->failed = 1;
        return;
    }
    uint32_t *count = &one->counts[line - 1];
    if (*count < UINT32_MAX) ++*count;
}

int lh_cover_lines(lh_state *H) {
    if (!H->cover) H->cover = calloc(1, sizeof *H->cover);
    return H->cover != NULL;
}

int lh_covered(const lh_state *H, size_t index, lh_covered_lines *lines) {
    if (!H->cover || H->cover->failed || index >= H->cover->count) return 0;
    const covered *found = &H->cover->functions[index];
    *lines = (lh_covered_lines){found->name, found->function, found->counts, found->lines};
    return 1;
}

void lh_cover_end(lh_state *H) {
    if (!H->cover) return;
    for (size_t i = 0; i < H->cover->count; i++) {
        free(H->cover->functions[i].name);
        free(H->cover->functions[i].counts);
    }
    free(H->cover->functions);
    free(H->cover);
    H->cover = NULL;
}
