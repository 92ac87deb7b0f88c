//! Names of the layers of isolation: used in reports, in the probe and on the
//! command line. One word per thing.

/// Range of user ids of its own per sandbox, in a user namespace.
pub const UID_RANGE: &str = "uid_range";
/// Mount namespace with a read-only root.
pub const MOUNTS: &str = "mounts";
/// Pid namespace.
pub const PIDS: &str = "pids";
/// Network namespace.
pub const NETWORK: &str = "network";
/// IPC namespace.
pub const IPC: &str = "ipc";
/// Host name namespace.
pub const UTS: &str = "uts";
/// Cgroup namespace.
pub const CGROUP_NAMESPACE: &str = "cgroup_namespace";
/// Cgroup limit on memory.
pub const CGROUP_MEMORY: &str = "cgroup_memory";
/// Cgroup limit on processes.
pub const CGROUP_PIDS: &str = "cgroup_pids";
/// Cgroup limit and account of processor time.
pub const CGROUP_CPU: &str = "cgroup_cpu";
/// Fresh bounded tmpfs (bytes and inodes).
pub const TMPFS: &str = "tmpfs";
/// Capabilities dropped, `no_new_privs` set, another user than init's.
pub const CREDENTIALS: &str = "credentials";
/// Seccomp filter.
pub const SECCOMP: &str = "seccomp";
/// Landlock rules.
pub const LANDLOCK: &str = "landlock";
/// Resource limits of the process.
pub const RESOURCE_LIMITS: &str = "resource_limits";

/// All layers, in the order in which they are told.
pub const ALL: [&str; 15] = [
    UID_RANGE,
    MOUNTS,
    PIDS,
    NETWORK,
    IPC,
    UTS,
    CGROUP_NAMESPACE,
    CGROUP_MEMORY,
    CGROUP_PIDS,
    CGROUP_CPU,
    TMPFS,
    CREDENTIALS,
    SECCOMP,
    LANDLOCK,
    RESOURCE_LIMITS,
];
