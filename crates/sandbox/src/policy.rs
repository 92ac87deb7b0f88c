//! What programs may ask of the kernel: system calls as data.
//!
//! Three answers. A call is *allowed*; it is *refused* with an error number,
//! because honest programs (or their libraries) try it and live without it;
//! or it is *forbidden*: no learner's honest program calls it, so the sandbox
//! ends and the call is named in the report. Everything not listed is refused
//! with ENOSYS, as if the kernel were older than the call.

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done.
    Allow,
    /// Refused with this error number.
    Refuse(i32),
    /// Ends the sandbox.
    Forbid,
    /// An argument decides.
    Inspect(Inspection),
}

/// Calls whose arguments decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inspection {
    /// `clone`: EPERM with any flag for a new namespace.
    NamespaceFlags,
    /// `socket`, `socketpair`: Unix and internet families, stream and datagram
    /// only; others (netlink, packet, raw, vsock, ...) EAFNOSUPPORT. Of the
    /// internet families (where the run has a network) TCP and UDP only, else EPROTONOSUPPORT: the kernel
    /// would load a module for whoever asks (SCTP, DCCP, ...).
    SocketFamily,
    /// `setrlimit`: a change of the core size is not done and told as done (see
    /// `setup::limits::CORE_BYTES`: with zero, the host's core helper would run).
    CoreLimit,
    /// `prlimit64`: the same; asking is allowed.
    CoreLimitOrAsk,
    /// `ioctl`: TIOCSTI and TIOCLINUX put words into a terminal's mouth: EPERM.
    TerminalInput,
    /// `personality`: only asking and the default, else EPERM.
    Personality,
}

/// One row: name, number, answer.
pub(crate) type Row = (&'static str, i64, Answer);

macro_rules! rows {
    ($answer:expr; $($name:ident: $number:ident)*) => {
        &[$((stringify!($name), libc::$number, $answer)),*]
    };
}

/// Files, memory, processes of its own, time, sockets: bounded by the other layers.
const ALLOWED: &[Row] = rows! {
    Answer::Allow;
    read: SYS_read
    write: SYS_write
    readv: SYS_readv
    writev: SYS_writev
    pread64: SYS_pread64
    pwrite64: SYS_pwrite64
    preadv: SYS_preadv
    pwritev: SYS_pwritev
    preadv2: SYS_preadv2
    pwritev2: SYS_pwritev2
    openat: SYS_openat
    openat2: SYS_openat2
    close: SYS_close
    close_range: SYS_close_range
    fstat: SYS_fstat
    newfstatat: SYS_newfstatat
    statx: SYS_statx
    lseek: SYS_lseek
    faccessat: SYS_faccessat
    faccessat2: SYS_faccessat2
    dup: SYS_dup
    dup3: SYS_dup3
    pipe2: SYS_pipe2
    fcntl: SYS_fcntl
    flock: SYS_flock
    fsync: SYS_fsync
    fdatasync: SYS_fdatasync
    sync_file_range: SYS_sync_file_range
    truncate: SYS_truncate
    ftruncate: SYS_ftruncate
    fallocate: SYS_fallocate
    getdents64: SYS_getdents64
    getcwd: SYS_getcwd
    chdir: SYS_chdir
    fchdir: SYS_fchdir
    renameat: SYS_renameat
    renameat2: SYS_renameat2
    mkdirat: SYS_mkdirat
    mknodat: SYS_mknodat
    linkat: SYS_linkat
    unlinkat: SYS_unlinkat
    symlinkat: SYS_symlinkat
    readlinkat: SYS_readlinkat
    fchmod: SYS_fchmod
    fchmodat: SYS_fchmodat
    fchmodat2: SYS_fchmodat2
    fchown: SYS_fchown
    fchownat: SYS_fchownat
    umask: SYS_umask
    utimensat: SYS_utimensat
    statfs: SYS_statfs
    fstatfs: SYS_fstatfs
    copy_file_range: SYS_copy_file_range
    sendfile: SYS_sendfile
    splice: SYS_splice
    tee: SYS_tee
    vmsplice: SYS_vmsplice
    readahead: SYS_readahead
    fadvise64: SYS_fadvise64
    getxattr: SYS_getxattr
    lgetxattr: SYS_lgetxattr
    fgetxattr: SYS_fgetxattr
    listxattr: SYS_listxattr
    llistxattr: SYS_llistxattr
    flistxattr: SYS_flistxattr
    inotify_init1: SYS_inotify_init1
    inotify_add_watch: SYS_inotify_add_watch
    inotify_rm_watch: SYS_inotify_rm_watch
    mmap: SYS_mmap
    mprotect: SYS_mprotect
    munmap: SYS_munmap
    mremap: SYS_mremap
    msync: SYS_msync
    mincore: SYS_mincore
    madvise: SYS_madvise
    brk: SYS_brk
    mlock: SYS_mlock
    munlock: SYS_munlock
    mlockall: SYS_mlockall
    munlockall: SYS_munlockall
    mlock2: SYS_mlock2
    memfd_create: SYS_memfd_create
    membarrier: SYS_membarrier
    pkey_alloc: SYS_pkey_alloc
    pkey_free: SYS_pkey_free
    pkey_mprotect: SYS_pkey_mprotect
    memfd_secret: SYS_memfd_secret
    process_madvise: SYS_process_madvise
    rt_sigaction: SYS_rt_sigaction
    rt_sigprocmask: SYS_rt_sigprocmask
    rt_sigreturn: SYS_rt_sigreturn
    rt_sigpending: SYS_rt_sigpending
    rt_sigtimedwait: SYS_rt_sigtimedwait
    rt_sigqueueinfo: SYS_rt_sigqueueinfo
    rt_tgsigqueueinfo: SYS_rt_tgsigqueueinfo
    rt_sigsuspend: SYS_rt_sigsuspend
    sigaltstack: SYS_sigaltstack
    signalfd4: SYS_signalfd4
    kill: SYS_kill
    tkill: SYS_tkill
    tgkill: SYS_tgkill
    restart_syscall: SYS_restart_syscall
    execve: SYS_execve
    execveat: SYS_execveat
    exit: SYS_exit
    exit_group: SYS_exit_group
    wait4: SYS_wait4
    waitid: SYS_waitid
    getpid: SYS_getpid
    getppid: SYS_getppid
    gettid: SYS_gettid
    getpgid: SYS_getpgid
    setpgid: SYS_setpgid
    getsid: SYS_getsid
    setsid: SYS_setsid
    set_tid_address: SYS_set_tid_address
    set_robust_list: SYS_set_robust_list
    get_robust_list: SYS_get_robust_list
    rseq: SYS_rseq
    futex: SYS_futex
    futex_waitv: SYS_futex_waitv
    prctl: SYS_prctl
    capget: SYS_capget
    pidfd_open: SYS_pidfd_open
    pidfd_send_signal: SYS_pidfd_send_signal
    getuid: SYS_getuid
    geteuid: SYS_geteuid
    getgid: SYS_getgid
    getegid: SYS_getegid
    getresuid: SYS_getresuid
    getresgid: SYS_getresgid
    getgroups: SYS_getgroups
    setuid: SYS_setuid
    setgid: SYS_setgid
    setreuid: SYS_setreuid
    setregid: SYS_setregid
    setresuid: SYS_setresuid
    setresgid: SYS_setresgid
    setfsuid: SYS_setfsuid
    setfsgid: SYS_setfsgid
    setgroups: SYS_setgroups
    sched_yield: SYS_sched_yield
    sched_getaffinity: SYS_sched_getaffinity
    sched_setaffinity: SYS_sched_setaffinity
    sched_getparam: SYS_sched_getparam
    sched_getscheduler: SYS_sched_getscheduler
    sched_get_priority_max: SYS_sched_get_priority_max
    sched_get_priority_min: SYS_sched_get_priority_min
    sched_rr_get_interval: SYS_sched_rr_get_interval
    sched_setparam: SYS_sched_setparam
    sched_setscheduler: SYS_sched_setscheduler
    sched_getattr: SYS_sched_getattr
    sched_setattr: SYS_sched_setattr
    getpriority: SYS_getpriority
    setpriority: SYS_setpriority
    ioprio_get: SYS_ioprio_get
    getcpu: SYS_getcpu
    getrlimit: SYS_getrlimit
    getrusage: SYS_getrusage
    times: SYS_times
    sysinfo: SYS_sysinfo
    uname: SYS_uname
    ppoll: SYS_ppoll
    pselect6: SYS_pselect6
    epoll_create1: SYS_epoll_create1
    epoll_ctl: SYS_epoll_ctl
    epoll_pwait: SYS_epoll_pwait
    epoll_pwait2: SYS_epoll_pwait2
    eventfd2: SYS_eventfd2
    timerfd_create: SYS_timerfd_create
    timerfd_settime: SYS_timerfd_settime
    timerfd_gettime: SYS_timerfd_gettime
    nanosleep: SYS_nanosleep
    clock_nanosleep: SYS_clock_nanosleep
    clock_gettime: SYS_clock_gettime
    clock_getres: SYS_clock_getres
    gettimeofday: SYS_gettimeofday
    getitimer: SYS_getitimer
    setitimer: SYS_setitimer
    timer_create: SYS_timer_create
    timer_settime: SYS_timer_settime
    timer_gettime: SYS_timer_gettime
    timer_getoverrun: SYS_timer_getoverrun
    timer_delete: SYS_timer_delete
    getrandom: SYS_getrandom
    bind: SYS_bind
    listen: SYS_listen
    accept: SYS_accept
    accept4: SYS_accept4
    connect: SYS_connect
    getsockname: SYS_getsockname
    getpeername: SYS_getpeername
    sendto: SYS_sendto
    recvfrom: SYS_recvfrom
    sendmsg: SYS_sendmsg
    recvmsg: SYS_recvmsg
    sendmmsg: SYS_sendmmsg
    recvmmsg: SYS_recvmmsg
    setsockopt: SYS_setsockopt
    getsockopt: SYS_getsockopt
    shutdown: SYS_shutdown
    shmget: SYS_shmget
    shmat: SYS_shmat
    shmdt: SYS_shmdt
    shmctl: SYS_shmctl
    semget: SYS_semget
    semop: SYS_semop
    semtimedop: SYS_semtimedop
    semctl: SYS_semctl
    msgget: SYS_msgget
    msgsnd: SYS_msgsnd
    msgrcv: SYS_msgrcv
    msgctl: SYS_msgctl
    mq_open: SYS_mq_open
    mq_unlink: SYS_mq_unlink
    mq_timedsend: SYS_mq_timedsend
    mq_timedreceive: SYS_mq_timedreceive
    mq_notify: SYS_mq_notify
    mq_getsetattr: SYS_mq_getsetattr
    seccomp: SYS_seccomp
    landlock_create_ruleset: SYS_landlock_create_ruleset
    landlock_add_rule: SYS_landlock_add_rule
    landlock_restrict_self: SYS_landlock_restrict_self
    sync: SYS_sync
    syncfs: SYS_syncfs
    mseal: SYS_mseal
};

/// Files, memory, processes of its own, time, sockets: bounded by the other layers. Calls that only x86 has.
#[cfg(target_arch = "x86_64")]
const ALLOWED_X86: &[Row] = rows! {
    Answer::Allow;
    open: SYS_open
    creat: SYS_creat
    stat: SYS_stat
    lstat: SYS_lstat
    access: SYS_access
    dup2: SYS_dup2
    pipe: SYS_pipe
    getdents: SYS_getdents
    rename: SYS_rename
    mkdir: SYS_mkdir
    mknod: SYS_mknod
    rmdir: SYS_rmdir
    link: SYS_link
    unlink: SYS_unlink
    symlink: SYS_symlink
    readlink: SYS_readlink
    chmod: SYS_chmod
    chown: SYS_chown
    lchown: SYS_lchown
    utime: SYS_utime
    utimes: SYS_utimes
    futimesat: SYS_futimesat
    inotify_init: SYS_inotify_init
    signalfd: SYS_signalfd
    pause: SYS_pause
    fork: SYS_fork
    vfork: SYS_vfork
    getpgrp: SYS_getpgrp
    arch_prctl: SYS_arch_prctl
    poll: SYS_poll
    select: SYS_select
    epoll_create: SYS_epoll_create
    epoll_ctl_old: SYS_epoll_ctl_old
    epoll_wait: SYS_epoll_wait
    epoll_wait_old: SYS_epoll_wait_old
    eventfd: SYS_eventfd
    time: SYS_time
    alarm: SYS_alarm
};

/// Refused with EPERM: tried by debuggers, sanitizers, run-time libraries and build tools, which go on without.
const NOT_PERMITTED: &[Row] = rows! {
    Answer::Refuse(libc::EPERM);
    ptrace: SYS_ptrace
    process_vm_readv: SYS_process_vm_readv
    process_vm_writev: SYS_process_vm_writev
    kcmp: SYS_kcmp
    pidfd_getfd: SYS_pidfd_getfd
    perf_event_open: SYS_perf_event_open
    userfaultfd: SYS_userfaultfd
    unshare: SYS_unshare
    chroot: SYS_chroot
    setxattr: SYS_setxattr
    lsetxattr: SYS_lsetxattr
    fsetxattr: SYS_fsetxattr
    removexattr: SYS_removexattr
    lremovexattr: SYS_lremovexattr
    fremovexattr: SYS_fremovexattr
    capset: SYS_capset
    syslog: SYS_syslog
    ioprio_set: SYS_ioprio_set
    mbind: SYS_mbind
    set_mempolicy: SYS_set_mempolicy
    get_mempolicy: SYS_get_mempolicy
    migrate_pages: SYS_migrate_pages
    move_pages: SYS_move_pages
    set_mempolicy_home_node: SYS_set_mempolicy_home_node
    name_to_handle_at: SYS_name_to_handle_at
    fanotify_init: SYS_fanotify_init
    fanotify_mark: SYS_fanotify_mark
    quotactl: SYS_quotactl
    sethostname: SYS_sethostname
    setdomainname: SYS_setdomainname
    vhangup: SYS_vhangup
    process_mrelease: SYS_process_mrelease
};

/// Refused with EPERM: tried by debuggers, sanitizers, run-time libraries and build tools, which go on without. Calls that only x86 has.
#[cfg(target_arch = "x86_64")]
const NOT_PERMITTED_X86: &[Row] = rows! {
    Answer::Refuse(libc::EPERM);
};

/// Refused with ENOSYS: callers fall back to an older call (`clone3` hides its flags from a filter; `io_uring` goes around filters; the kernel's AIO has one small pool for the whole host).
const NOT_THERE: &[Row] = rows! {
    Answer::Refuse(libc::ENOSYS);
    clone3: SYS_clone3
    io_uring_setup: SYS_io_uring_setup
    io_uring_enter: SYS_io_uring_enter
    io_uring_register: SYS_io_uring_register
    remap_file_pages: SYS_remap_file_pages
    lookup_dcookie: SYS_lookup_dcookie
    io_setup: SYS_io_setup
    io_submit: SYS_io_submit
    io_getevents: SYS_io_getevents
    io_destroy: SYS_io_destroy
    io_cancel: SYS_io_cancel
};

/// Refused with ENOSYS: callers fall back to an older call (`clone3` hides its flags from a filter; `io_uring` goes around filters; the kernel's AIO has one small pool for the whole host). Calls that only x86 has.
#[cfg(target_arch = "x86_64")]
const NOT_THERE_X86: &[Row] = rows! {
    Answer::Refuse(libc::ENOSYS);
    uselib: SYS_uselib
    ustat: SYS_ustat
    sysfs: SYS_sysfs
};

/// No honest program of a learner mounts, loads modules, sets the clock or touches the key rings.
const FORBIDDEN: &[Row] = rows! {
    Answer::Forbid;
    mount: SYS_mount
    umount2: SYS_umount2
    pivot_root: SYS_pivot_root
    fsopen: SYS_fsopen
    fsconfig: SYS_fsconfig
    fsmount: SYS_fsmount
    fspick: SYS_fspick
    move_mount: SYS_move_mount
    open_tree: SYS_open_tree
    mount_setattr: SYS_mount_setattr
    setns: SYS_setns
    keyctl: SYS_keyctl
    add_key: SYS_add_key
    request_key: SYS_request_key
    bpf: SYS_bpf
    kexec_load: SYS_kexec_load
    kexec_file_load: SYS_kexec_file_load
    init_module: SYS_init_module
    finit_module: SYS_finit_module
    delete_module: SYS_delete_module
    reboot: SYS_reboot
    swapon: SYS_swapon
    swapoff: SYS_swapoff
    settimeofday: SYS_settimeofday
    clock_settime: SYS_clock_settime
    adjtimex: SYS_adjtimex
    clock_adjtime: SYS_clock_adjtime
    acct: SYS_acct
    open_by_handle_at: SYS_open_by_handle_at
    nfsservctl: SYS_nfsservctl
    quotactl_fd: SYS_quotactl_fd
};

/// No honest program of a learner mounts, loads modules, sets the clock or touches the key rings. Calls that only x86 has.
#[cfg(target_arch = "x86_64")]
const FORBIDDEN_X86: &[Row] = rows! {
    Answer::Forbid;
    iopl: SYS_iopl
    ioperm: SYS_ioperm
    modify_ldt: SYS_modify_ldt
};

/// Calls whose arguments decide.
const INSPECTED: &[Row] = &[
    (
        "clone",
        libc::SYS_clone,
        Answer::Inspect(Inspection::NamespaceFlags),
    ),
    (
        "socket",
        libc::SYS_socket,
        Answer::Inspect(Inspection::SocketFamily),
    ),
    (
        "socketpair",
        libc::SYS_socketpair,
        Answer::Inspect(Inspection::SocketFamily),
    ),
    (
        "ioctl",
        libc::SYS_ioctl,
        Answer::Inspect(Inspection::TerminalInput),
    ),
    (
        "setrlimit",
        libc::SYS_setrlimit,
        Answer::Inspect(Inspection::CoreLimit),
    ),
    (
        "prlimit64",
        libc::SYS_prlimit64,
        Answer::Inspect(Inspection::CoreLimitOrAsk),
    ),
    (
        "personality",
        libc::SYS_personality,
        Answer::Inspect(Inspection::Personality),
    ),
];

const TABLES: &[&[Row]] = &[
    ALLOWED,
    #[cfg(target_arch = "x86_64")]
    ALLOWED_X86,
    NOT_PERMITTED,
    #[cfg(target_arch = "x86_64")]
    NOT_PERMITTED_X86,
    NOT_THERE,
    #[cfg(target_arch = "x86_64")]
    NOT_THERE_X86,
    FORBIDDEN,
    #[cfg(target_arch = "x86_64")]
    FORBIDDEN_X86,
    INSPECTED,
];

/// All rows of the policy.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    TABLES.iter().flat_map(|table| table.iter())
}

/// Name of a call, where the policy knows it.
pub(crate) fn name(number: i32) -> Option<&'static str> {
    rows()
        .find(|(_, known, _)| *known == i64::from(number))
        .map(|(name, _, _)| *name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_call_has_two_answers() {
        let mut seen = BTreeSet::new();
        for (name, number, _) in rows() {
            assert!(seen.insert(*number), "{name} is listed twice");
        }
    }

    #[test]
    fn knows_names() {
        assert_eq!(name(libc::SYS_keyctl as i32), Some("keyctl"));
        assert_eq!(name(99_999), None);
    }
}
