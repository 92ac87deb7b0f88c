// Makes new namespaces by unshare, clone, clone3 and fork flags, to gain capabilities.
// Must: be refused.
// expect: exited 0
// without: seccomp -> exited 0
// without: seccomp+uid_range -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    int flags[] = {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP};
    for (int i = 0; i < 7; i++) {
        long child = syscall(SYS_clone, flags[i] | SIGCHLD, 0, 0, 0, 0);
        if (child == 0) _exit(0);
        refused("clone with a new namespace", child);
        uint64_t arguments[11] = {flags[i], 0, 0, 0, SIGCHLD};
        child = syscall(SYS_clone3, arguments, sizeof arguments);
        if (child == 0) _exit(0);
        refused("clone3 with a new namespace", child);
        refused("unshare", unshare(flags[i]));
    }
    return through;
}
