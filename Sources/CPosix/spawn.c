/* Steps of starting a program; see CPosix.h. */
#define _GNU_SOURCE
#include "CPosix.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int cposix_in_directory(posix_spawn_file_actions_t *actions, const char *directory) {
    return posix_spawn_file_actions_addchdir_np(actions, directory);
}

int cposix_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int cposix_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int cposix_memory_file(void) { return memfd_create("input", MFD_CLOEXEC); }
