/* Which file systems keep what they are given, and which only show the kernel as files; see CPosix.h.
 *
 * A list of those that show, rather than of those that keep: file systems for storage are without number (a network's,
 * a vendor's, FUSE), and a script that fails on one of them has met a fault of ours. Those of the kernel's own are few,
 * and what is missing below gives itself away: it has no size (simple_statfs() in the kernel), as no storage has but
 * the few that do without one. */
#define _GNU_SOURCE
#include "CPosix.h"

#include <linux/magic.h>
#include <sys/vfs.h>

/* By f_type of statfs(2): the kernel shown as files. Names stand where <linux/magic.h> may lack them. devtmpfs is not
 * to be told from tmpfs; of its files only those that somebody stored there are regular ones, and only such are opened. */
static int shows_the_kernel(unsigned long type) {
    switch (type) {
    case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
    case CGROUP_SUPER_MAGIC:
    case CGROUP2_SUPER_MAGIC:
    case RDTGROUP_SUPER_MAGIC:
    case DEBUGFS_MAGIC:
    case TRACEFS_MAGIC:
    case SECURITYFS_MAGIC:
    case SELINUX_MAGIC:
    case SMACK_MAGIC:
    case EFIVARFS_MAGIC:
    case BPF_FS_MAGIC:
    case PSTOREFS_MAGIC:
    case BINFMTFS_MAGIC:
    case NSFS_MAGIC:
    case DEVPTS_SUPER_MAGIC:
    case OPENPROM_SUPER_MAGIC:
    case XENFS_SUPER_MAGIC:
    case ANON_INODE_FS_MAGIC:
    case 0x5a3c69f0UL: /* apparmorfs */
    case 0x62656570UL: /* configfs */
    case 0x65735543UL: /* fusectl */
    case 0x19800202UL: /* mqueue */
    case 0x67596969UL: /* rpc_pipefs */
    case 0x6e667364UL: /* nfsd */
    case 0x0a647361UL: /* functionfs */
    case 0xaee71ee7UL: /* gadgetfs */
    case 0x50494446UL: /* pidfs */
        return 1;
    default:
        return 0;
    }
}

/* Storage that may say it has no size: in memory without a limit, or what a server or a program does not tell. */
static int may_hide_its_size(unsigned long type) {
    switch (type) {
    case TMPFS_MAGIC:
    case RAMFS_MAGIC:
    case HUGETLBFS_MAGIC:
    case OVERLAYFS_SUPER_MAGIC:
    case ECRYPTFS_SUPER_MAGIC:
    case NFS_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case V9FS_MAGIC:
    case CODA_SUPER_MAGIC:
    case AFS_SUPER_MAGIC:
    case 0x65735546UL: /* FUSE, virtiofs */
    case 0xff534d42UL: /* CIFS */
    case 0xfe534d42UL: /* SMB 2 and later */
    case 0x786f4256UL: /* VirtualBox's shared folders */
        return 1;
    default:
        return 0;
    }
}

int cposix_keeps(unsigned long type, int has_size) {
    return !shows_the_kernel(type) && (has_size || may_hide_its_size(type));
}

int cposix_is_storage(int file) {
    struct statfs system;
    if (fstatfs(file, &system) != 0) return 0;
    return cposix_keeps((unsigned long)system.f_type & 0xffffffffUL, system.f_blocks > 0);
}
