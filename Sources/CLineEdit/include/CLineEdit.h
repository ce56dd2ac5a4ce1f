/* Lines typed at a terminal, edited with libedit. Its functions take variable arguments, which Swift cannot pass, and
   its callbacks must be C: this is all that the executable sees of it. */
#ifndef CLINEEDIT_H
#define CLINEEDIT_H

#include <stddef.h>

typedef struct cl_editor cl_editor;

enum cl_end {
    CL_LINE = 0,    /* a line was typed */
    CL_NO_MORE,     /* Ctrl-D on an empty line, or the terminal has gone */
    CL_INTERRUPTED, /* CL_WAKE_INTERRUPT came; what was typed is dropped */
    CL_STOPPED      /* CL_WAKE_STOP came */
};

/* What may be told to an editor while it waits for a key. */
enum cl_wake {
    CL_WAKE_REDRAW = 'r',   /* something was written over the line */
    CL_WAKE_RESIZE = 'w',   /* SIGWINCH */
    CL_WAKE_CONTINUE = 'c', /* SIGCONT */
    CL_WAKE_SUSPEND = 'z',  /* SIGTSTP: gives the terminal back and stops the process */
    CL_WAKE_INTERRUPT = 'i',
    CL_WAKE_STOP = 's'
};

/* Tab was pressed after the `count` bytes of `before`. Gives, allocated with malloc, what is to be inserted, and what is
   to be shown below the line; either may be NULL. Called on the editor's thread, within cl_read. */
typedef void (*cl_complete)(void *context, const char *before, size_t count, char **insert, char **show);

/* An editor of the terminal behind standard input and output, which remembers so many lines; NULL when there can be
   none. It belongs to one thread. */
cl_editor *cl_open(const char *program, int lines, cl_complete complete, void *context);
/* Gives the terminal back as it was. */
void cl_close(cl_editor *editor);
/* Reads a line, which the editor owns until the next call. */
int cl_read(cl_editor *editor, const char *prompt, const char **line);
/* Adds to what the arrow keys go through. */
void cl_remember(cl_editor *editor, const char *line);
/* What getline gives of standard input, where that is no terminal. */
long cl_plain_line(char **line, size_t *capacity);
/* From any thread. */
void cl_wake(const cl_editor *editor, int what);

#endif
