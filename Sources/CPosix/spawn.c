/* Steps of starting a program, and what a file lies on; see CPosix.h. */
#define _GNU_SOURCE
#include "CPosix.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

int cposix_in_directory(posix_spawn_file_actions_t *actions, const char *directory) {
    return posix_spawn_file_actions_addchdir_np(actions, directory);
}

int cposix_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int cposix_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int cposix_memory_file(void) { return memfd_create("input", MFD_CLOEXEC); }

int cposix_is_no_storage(int file) {
    struct statfs system;
    if (fstatfs(file, &system) != 0) return 0;
    switch ((unsigned long)system.f_type & 0xffffffffUL) {
    case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
    case CGROUP_SUPER_MAGIC:
    case CGROUP2_SUPER_MAGIC:
    case DEBUGFS_MAGIC:
    case TRACEFS_MAGIC:
    case SECURITYFS_MAGIC:
    case SELINUX_MAGIC:
    case EFIVARFS_MAGIC:
    case BPF_FS_MAGIC:
    case PSTOREFS_MAGIC:
    case BINFMTFS_MAGIC:
    case NSFS_MAGIC:
    case DEVPTS_SUPER_MAGIC:
    case 0x62656570UL: /* configfs */
    case 0x19800202UL: /* mqueue */
        return 1;
    default:
        return 0;
    }
}
