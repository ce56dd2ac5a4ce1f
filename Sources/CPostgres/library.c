#include "CPostgres.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static cpg_library library;
static const cpg_library *loaded;
static char problem_text[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    void *handle = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        snprintf(problem_text, sizeof problem_text, "%s", dlerror());
        return;
    }
#define CPG_FIND(name)                                                                                                  \
    if (!(library.name = (__typeof__(&name))dlsym(handle, #name))) {                                                    \
        snprintf(problem_text, sizeof problem_text, "libpq.so.5 is too old: it has no %s", #name);                      \
        return;                                                                                                         \
    }
    CPG_FUNCTIONS(CPG_FIND)
    loaded = &library;
}

const cpg_library *cpg_load(const char **problem) {
    pthread_once(&once, load);
    *problem = problem_text;
    return loaded;
}

static void note(void *context, const PGresult *notice) {
    cpg_notices *notices = context;
    const char *state = notices->library->PQresultErrorField(notice, PG_DIAG_SQLSTATE);
    if (state && strcmp(state, "01000") == 0) notices->is_uncertain = 1;
}

void cpg_note_notices(cpg_notices *notices, PGconn *connection) {
    notices->library->PQsetNoticeReceiver(connection, note, notices);
}
