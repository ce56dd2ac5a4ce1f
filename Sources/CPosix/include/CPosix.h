/* Calls of the system that Swift does not see, because they are GNU's or Linux's, and a signal handler, which
   must be C: it may interrupt anything. */
#ifndef CPOSIX_H
#define CPOSIX_H

#include <spawn.h>
#include <stddef.h>

/* The program starts in `directory`. 0, or an errno. */
int cposix_in_directory(posix_spawn_file_actions_t *actions, const char *directory);
/* The program inherits no descriptor from `first` on. 0, or an errno. */
int cposix_close_from(posix_spawn_file_actions_t *actions, int first);

/* A pipe whose ends no program inherits, from its first moment on: `ends[0]` is read. 0, or -1 and errno. */
int cposix_pipe(int ends[2]);
/* An empty file in memory, without a name, which no program inherits. Its descriptor, or -1 and errno. */
int cposix_memory_file(void);

/* 1 for an open file (O_PATH will do) of a file system that keeps what it is given; 0 for one whose files the kernel
   makes up when they are read, such as procfs, and where that cannot be told. */
int cposix_is_storage(int file);
/* The same by the type of a file system as statfs(2) gives it, and whether it says that it has a size. */
int cposix_keeps(unsigned long type, int has_size);

/* Takes a variable out of the environment and overwrites its value in the block that /proc/PID/environ shows. Only while
   there is one thread: others may be reading the list. */
void cposix_erase_variable(const char *name);

/* From now on each of the signals `numbers` arrives as one byte, its number, at the descriptor that is returned
   (close-on-exec, not blocking); -1 and errno when there is none. One that this process was started to ignore, as
   nohup does it with SIGHUP, stays ignored. From the second signal on, whichever it is, the process ends at once
   with status 128 + number. For the whole process; later calls give the same descriptor. */
int cposix_watch_signals(const int *numbers, int count);
/* The same, but however many come, the process goes on. */
int cposix_watch_every_signal(const int *numbers, int count);

/* A process started beside this one. */
typedef struct {
    int process; /* its number */
    int socket;  /* this end of the socket pair; close-on-exec */
    int handle;  /* a pidfd */
} cposix_child;

/* Starts a program whose descriptor 3 is a socket to this process; besides it has the null device, or, with
   `keeps_streams`, this process's standard input and error. It has a session of its own, and begins with the signals
   `blocked` blocked and every handler the default. Sending and receiving here give up after `milliseconds`. 0, or an errno. */
int cposix_start_child(cposix_child *child, const char *path, char *const *arguments, char *const *environment,
                       int keeps_streams, const int *blocked, int count, int milliseconds);
int cposix_signal_child(int handle, int number);
/* Waits for its end: its exit status, or the signal's number; -1 when it is not there. */
int cposix_reap_child(int handle, int *is_signal);
/* Bytes sent or received, 0 at the end of the stream, or an errno below zero. `descriptor` goes along unless it is -1. */
long cposix_send(int socket, const void *bytes, size_t count, int descriptor);
long cposix_receive(int socket, void *into, size_t count);

#endif
