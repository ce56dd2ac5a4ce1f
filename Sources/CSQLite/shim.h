/* SQLite as Debian's libsqlite3-dev installs it. */
#include <sqlite3.h>

/* Lets SQLite keep no account of its memory, which takes a lock for every block. A variadic function, so not for Swift.
   Of no effect once SQLite is in use. */
static inline int csqlite_forget_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
