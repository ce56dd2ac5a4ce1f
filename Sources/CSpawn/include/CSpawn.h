/* Two steps of starting a program that <spawn.h> shows only to those who ask for GNU's extensions. */
#ifndef CSPAWN_H
#define CSPAWN_H

#include <spawn.h>

/* The program starts in `directory`. 0, or an errno. */
int cspawn_in_directory(posix_spawn_file_actions_t *actions, const char *directory);
/* The program inherits no descriptor from `first` on. 0, or an errno. */
int cspawn_close_from(posix_spawn_file_actions_t *actions, int first);

#endif
