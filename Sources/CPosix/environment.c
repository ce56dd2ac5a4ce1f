/* A variable that is taken out of the process; see CPosix.h. */
#define _GNU_SOURCE
#include "CPosix.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cposix_erase_variable(const char *name) {
    size_t length = strlen(name);
    /* The list may hold a name more than once: the first counts, the others show all the same. */
    for (char **next = environ; next && *next; next++) {
        if (strncmp(*next, name, length) != 0 || (*next)[length] != '=') continue;
        char *value = *next + length + 1;
        explicit_bzero(value, strlen(value));
    }
    unsetenv(name);
}
