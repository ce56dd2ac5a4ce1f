/* See sc_wall.h. The filter is written out by hand: it is a table of a few dozen lines, made in microseconds, and a
 * library would be one more thing to trust and to install. What it does not name ends the process, loudly: an error
 * instead would fail quietly, as a watchdog whose signal never comes. */
#define _GNU_SOURCE
#include "sc_wall.h"

#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sc_pipe.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64 /* written, and never tried */
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNFILTERED 1 /* its runtime needs calls that the filter refuses, and memory for shadows */
#endif
#endif
#ifndef UNFILTERED
#define UNFILTERED 0
#endif

/* Which call may be made with which argument. */
enum { ALWAYS = -1 };
typedef struct {
    int number;
    int argument;   /* which one is looked at, or ALWAYS */
    uint32_t mask;  /* of its low word, */
    uint32_t value; /* which must then be this */
    int files;      /* only where the script may be handed open files */
} sc_permit;

/* The low word is enough: descriptors, signals, protections and operations are ints, and the kernel cuts them so. */
static const sc_permit permits[] = {
    {SYS_recvmsg, 0, ~0u, LW_SOCKET, 0},
    {SYS_sendto, 0, ~0u, LW_SOCKET, 0},
    {SYS_futex, ALWAYS, 0, 0, 0},
    {SYS_brk, ALWAYS, 0, 0, 0},
    {SYS_mmap, 2, PROT_EXEC, 0, 0},
    {SYS_munmap, ALWAYS, 0, 0, 0},
    {SYS_mremap, ALWAYS, 0, 0, 0},
    {SYS_madvise, ALWAYS, 0, 0, 0},
    {SYS_rt_sigreturn, ALWAYS, 0, 0, 0},
    {SYS_rt_sigprocmask, ALWAYS, 0, 0, 0},
    {SYS_tgkill, 0, ~0u, 0, 0}, /* the watchdog's: to this process alone, whose number comes in below */
    {SYS_getpid, ALWAYS, 0, 0, 0},
    {SYS_sched_yield, ALWAYS, 0, 0, 0},
    {SYS_clock_gettime, ALWAYS, 0, 0, 0},
    {SYS_restart_syscall, ALWAYS, 0, 0, 0},
    {SYS_exit_group, ALWAYS, 0, 0, 0},
    {SYS_read, ALWAYS, 0, 0, 1},
    {SYS_write, ALWAYS, 0, 0, 1},
    {SYS_lseek, ALWAYS, 0, 0, 1},
    {SYS_close, ALWAYS, 0, 0, 1},
    {SYS_fcntl, 1, ~0u, F_GETFL, 1},
};

/* What the C library asks for and can do without. */
static const int refused[] = {SYS_newfstatat, SYS_fstat, SYS_openat, SYS_ioctl};

int sc_left_out = -1, sc_tried = -1;
static int left_out(int number) { return number == sc_left_out; }

static uint32_t offset_of_argument(int index) {
    return (uint32_t)(offsetof(struct seccomp_data, args) + (size_t)index * sizeof(uint64_t));
}

enum { MOST = 192 };
typedef struct {
    struct sock_filter code[MOST];
    unsigned short count;
} sc_program;

static void add(sc_program *p, struct sock_filter line) {
    if (p->count < MOST) p->code[p->count++] = line;
}

/* `number` gives `answer`; with a condition, anything else is refused. */
static void permit(sc_program *p, const sc_permit *rule) {
    const uint32_t number = (uint32_t)rule->number;
    const struct sock_filter load_number = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    if (rule->argument == ALWAYS) {
        add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
        add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
        return;
    }
    add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 5));
    add(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset_of_argument(rule->argument)));
    add(p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule->mask));
    add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule->value, 0, 1));
    add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    add(p, load_number);
}

static int filter(int has_files) {
#if !defined(ARCHITECTURE) || UNFILTERED
    (void)has_files;
    (void)permit, (void)left_out, (void)refused, (void)permits;
    return ENOSYS;
#else
    sc_program program = {.count = 0};
    add(&program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)));
    add(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
    add(&program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    add(&program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
    for (size_t i = 0; i < sizeof permits / sizeof *permits; i++) {
        if ((permits[i].files && !has_files) || left_out(permits[i].number)) continue;
        sc_permit rule = permits[i];
        if (rule.number == SYS_tgkill) rule.value = (uint32_t)getpid();
        permit(&program, &rule);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (left_out(refused[i])) continue;
        add(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)refused[i], 0, 1));
        add(&program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES));
    }
    add(&program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP));
    struct sock_fprog prepared = {.len = program.count, .filter = program.code};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &prepared) != 0) return errno ? errno : ESRCH;
    return 0;
#endif
}

/* The call was not made. The handler can be neither blocked nor replaced, since that would take another call. */
static void on_breach(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    struct {
        lw_header header;
        uint32_t call;
        char version[16];
    } frame = {{sizeof frame - sizeof frame.header, LW_BREACH}, (uint32_t)info->si_syscall, ""};
    strncpy(frame.version, gnu_get_libc_version(), sizeof frame.version - 1);
    (void)!send(LW_SOCKET, &frame, sizeof frame, MSG_NOSIGNAL);
    _exit(LW_EXIT_BREACH);
}

static void limit(int what, rlim_t most) {
    struct rlimit value = {most, most};
    setrlimit(what, &value);
}

/* The version of Landlock's interface, or 0. A ruleset without rules lets nothing be opened or connected to. */
static uint32_t landlock(void) {
    enum { CREATE = 444, RESTRICT = 446, VERSION = 1 };
    long version = syscall(CREATE, NULL, 0, VERSION);
    if (version <= 0) return 0;
    static const uint64_t files[] = {0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};
    uint64_t handled[3] = {files[version > 5 ? 4 : version - 1], version >= 4 ? 3 : 0, version >= 6 ? 3 : 0};
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    long ruleset = syscall(CREATE, handled, size, 0);
    if (ruleset < 0) return 0;
    long status = syscall(RESTRICT, (int)ruleset, 0);
    close((int)ruleset);
    return status == 0 ? (uint32_t)version : 0;
}

lw_walled sc_wall(const lw_open *open, int has_files) {
    lw_walled walled = {0};
    struct sigaction breach = {.sa_sigaction = on_breach, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSYS, &breach, NULL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_NOFILE, has_files ? 160 : LW_SOCKET + 1);
    if (!has_files) limit(RLIMIT_FSIZE, 0);
    /* The script's memory is counted by the state; this is for what is not: a frame as large as it, and the library. */
    if (open->memory && !UNFILTERED) limit(RLIMIT_DATA, open->memory * 2 + (64u << 20));
    if (open->processor_seconds) limit(RLIMIT_CPU, open->processor_seconds);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) sc_fail(LW_EXIT_WALL);
    walled.landlock = landlock();
    if (!walled.landlock) walled.missing |= LW_NO_LANDLOCK;
    walled.filter_error = filter(has_files);
    if (walled.filter_error) walled.missing |= LW_NO_FILTER;
    /* With arguments that do nothing where there is no wall. */
    if (sc_tried >= 0 && (syscall(sc_tried, -1, 0, 0, 0, 0, 0) >= 0 || errno != EACCES)) sc_fail(LW_EXIT_WALL);
    return walled;
}
