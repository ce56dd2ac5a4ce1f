/* One editor over libedit. Keys are awaited here and not by libedit, so that signals and other threads can reach the
   thread that waits without a jump and without a lock: they write a byte into a pipe. */
#define _GNU_SOURCE
#include "CLineEdit.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define CTRL_D 4

struct cl_editor {
    EditLine *line;
    History *history;
    FILE *output;
    int wake[2];
    int end; /* why the line at hand is not complete: a cl_end, or CL_LINE */
    int ahead; /* bytes that were typed before the editor had the terminal, and are not yet read */
    const char *prompt;
    char *last;
    cl_complete complete;
    void *context;
};

static cl_editor *editor_of(EditLine *line) {
    void *editor = NULL;
    el_get(line, EL_CLIENTDATA, &editor);
    return editor;
}

static char *prompt_of(EditLine *line) { return (char *)editor_of(line)->prompt; }

/* Acts on what was told. 0: the line goes on. */
static int act(cl_editor *editor, char what) {
    switch (what) {
    case CL_WAKE_RESIZE: el_resize(editor->line); return 0;
    case CL_WAKE_SUSPEND:
        el_set(editor->line, EL_PREP_TERM, 0);
        raise(SIGSTOP); /* to this thread, which so goes no further; SIGCONT has the line drawn again */
        return 0;
    case CL_WAKE_CONTINUE: /* a shell has had the terminal since: libedit believes that its modes still stand */
        el_set(editor->line, EL_PREP_TERM, 0);
        el_set(editor->line, EL_PREP_TERM, 1);
        el_set(editor->line, EL_REFRESH);
        return 0;
    case CL_WAKE_REDRAW: el_set(editor->line, EL_REFRESH); return 0;
    case CL_WAKE_INTERRUPT: editor->end = CL_INTERRUPTED; return 1;
    default: editor->end = CL_STOPPED; return 1;
    }
}

/* The byte that comes next: 1; 0 at the end; -1 when the line is over. */
static int next_byte(cl_editor *editor, char *byte) {
    for (;;) {
        struct pollfd waits[2] = {{.fd = editor->wake[0], .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
        if (poll(waits, 2, -1) < 0) {
            if (errno == EINTR) continue;
            return 0;
        }
        char what;
        if (waits[0].revents && read(editor->wake[0], &what, 1) == 1) {
            if (act(editor, what)) return -1;
            continue;
        }
        if (!waits[1].revents) continue;
        ssize_t count = read(STDIN_FILENO, byte, 1);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        /* A Ctrl-D that was typed while the terminal took lines: the system has kept its place as a zero. */
        if (editor->ahead > 0 && editor->ahead-- && count == 1 && *byte == 0) *byte = CTRL_D;
        return count == 1;
    }
}

/* What libedit asks for a key. */
static int next_character(EditLine *line, wchar_t *character) {
    cl_editor *editor = editor_of(line);
    mbstate_t state;
    memset(&state, 0, sizeof state);
    for (;;) {
        char byte;
        int got = next_byte(editor, &byte);
        if (got != 1) return got;
        size_t length = mbrtowc(character, &byte, 1, &state);
        if (length == (size_t)-1) { /* no letter of this locale: left out; but its last byte may begin another */
            memset(&state, 0, sizeof state);
            length = mbrtowc(character, &byte, 1, &state);
        }
        if (length == (size_t)-2) continue; /* the first part of one */
        if (length != (size_t)-1) return 1;
        memset(&state, 0, sizeof state);
    }
}

static unsigned char on_tab(EditLine *line, int key) {
    (void)key;
    cl_editor *editor = editor_of(line);
    const LineInfo *info = el_line(line);
    char *insert = NULL, *show = NULL;
    editor->complete(editor->context, info->buffer, (size_t)(info->cursor - info->buffer), &insert, &show);
    unsigned char result = CC_ERROR;
    if (insert && *insert) result = el_insertstr(line, insert) == 0 ? CC_REFRESH : CC_ERROR;
    if (show && *show) {
        fprintf(editor->output, "\n%s\n", show);
        fflush(editor->output);
        result = CC_REDISPLAY;
    }
    free(insert);
    free(show);
    return result;
}

static void configure(cl_editor *editor, int lines) {
    HistEvent event;
    el_set(editor->line, EL_CLIENTDATA, editor);
    el_set(editor->line, EL_PROMPT, prompt_of);
    el_set(editor->line, EL_SIGNAL, 0);
    el_set(editor->line, EL_EDITOR, "emacs");
    history(editor->history, &event, H_SETSIZE, lines);
    history(editor->history, &event, H_SETUNIQUE, 1);
    el_set(editor->line, EL_HIST, history, editor->history);
    el_set(editor->line, EL_ADDFN, "complete-name", "Complete the name before the cursor", on_tab);
    el_source(editor->line, NULL); /* `bind -v` there begins with fresh keys */
    el_set(editor->line, EL_BIND, "^I", "complete-name", NULL);
    el_set(editor->line, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_set(editor->line, EL_GETCFN, next_character);
}

static FILE *output_of_its_own(void) {
    int copy = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    return copy < 0 ? NULL : fdopen(copy, "w");
}

cl_editor *cl_open(const char *program, int lines, cl_complete complete, void *context) {
    cl_editor *editor = calloc(1, sizeof *editor);
    if (!editor) return NULL;
    editor->complete = complete;
    editor->context = context;
    editor->prompt = "";
    setlocale(LC_CTYPE, "");
    if (MB_CUR_MAX == 1) setlocale(LC_CTYPE, "C.UTF-8");
    if (pipe2(editor->wake, O_CLOEXEC | O_NONBLOCK) != 0) {
        free(editor);
        return NULL;
    }
    editor->output = output_of_its_own();
    editor->history = history_init();
    if (editor->output && editor->history)
        editor->line = el_init_fd(program, stdin, editor->output, stderr, STDIN_FILENO, fileno(editor->output), STDERR_FILENO);
    if (!editor->line) {
        cl_close(editor);
        return NULL;
    }
    configure(editor, lines);
    return editor;
}

void cl_close(cl_editor *editor) {
    if (editor->line) el_end(editor->line);
    if (editor->history) history_end(editor->history);
    if (editor->output) fclose(editor->output);
    close(editor->wake[0]);
    close(editor->wake[1]);
    free(editor->last);
    free(editor);
}

int cl_read(cl_editor *editor, const char *prompt, const char **line) {
    int count = 0;
    const char *typed = NULL;
    editor->prompt = prompt;
    editor->end = CL_LINE;
    for (char what; read(editor->wake[0], &what, 1) == 1;) /* told since the last line: what was meant for it is over */
        if (what == CL_WAKE_RESIZE || what == CL_WAKE_STOP) act(editor, what);
    el_set(editor->line, EL_PREP_TERM, 1); /* before the prompt: libedit does it after, and what is typed then is the system's */
    if (ioctl(STDIN_FILENO, FIONREAD, &editor->ahead) != 0) editor->ahead = 0;
    if (editor->end == CL_LINE) typed = el_gets(editor->line, &count);
    if (editor->end == CL_LINE && typed && count > 0) {
        free(editor->last);
        editor->last = strndup(typed, (size_t)count);
        *line = editor->last;
        return editor->last ? CL_LINE : CL_NO_MORE;
    }
    fputs(editor->end == CL_INTERRUPTED ? "^C\n" : "\n", editor->output);
    fflush(editor->output);
    return editor->end == CL_LINE ? CL_NO_MORE : editor->end;
}

void cl_remember(cl_editor *editor, const char *line) {
    HistEvent event;
    history(editor->history, &event, H_ENTER, line);
}

long cl_plain_line(char **line, size_t *capacity) { return getline(line, capacity, stdin); }

void cl_wake(const cl_editor *editor, int what) {
    char byte = (char)what;
    (void)!write(editor->wake[1], &byte, 1);
}
