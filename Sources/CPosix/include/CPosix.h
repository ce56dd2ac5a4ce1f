/* Calls of the system that Swift does not see, because they are GNU's or Linux's, and a signal handler, which
   must be C: it may interrupt anything. */
#ifndef CPOSIX_H
#define CPOSIX_H

#include <spawn.h>

/* The program starts in `directory`. 0, or an errno. */
int cposix_in_directory(posix_spawn_file_actions_t *actions, const char *directory);
/* The program inherits no descriptor from `first` on. 0, or an errno. */
int cposix_close_from(posix_spawn_file_actions_t *actions, int first);

/* A pipe whose ends no program inherits, from its first moment on: `ends[0]` is read. 0, or -1 and errno. */
int cposix_pipe(int ends[2]);
/* An empty file in memory, without a name, which no program inherits. Its descriptor, or -1 and errno. */
int cposix_memory_file(void);

/* 1 for an open file (O_PATH will do) of a file system that shows the system itself and stores nothing, such as
   procfs; else 0. */
int cposix_is_no_storage(int file);

/* From now on each of the signals `numbers` arrives as one byte, its number, at the descriptor that is returned
   (close-on-exec, not blocking); -1 and errno when there is none. One that this process was started to ignore, as
   nohup does it with SIGHUP, stays ignored. From the second signal on, whichever it is, the process ends at once
   with status 128 + number. For the whole process; later calls give the same descriptor. */
int cposix_watch_signals(const int *numbers, int count);

#endif
