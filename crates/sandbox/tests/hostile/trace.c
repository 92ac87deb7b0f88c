// Traces and reads memory of process 1, its child and its parent; takes descriptors.
// Must: be refused.
// expect: exited 0
// without: seccomp -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    pid_t child = fork();
    if (child == 0) for (;;) pause();
    char byte; struct iovec local = {&byte, 1}, remote = {(void *)main, 1};
    pid_t targets[] = {1, child, getppid()};
    for (int i = 0; i < 3; i++) {
        if (targets[i] <= 0) continue;
        refused("process_vm_readv", process_vm_readv(targets[i], &local, 1, &remote, 1, 0));
        refused("process_vm_writev", process_vm_writev(targets[i], &local, 1, &remote, 1, 0));
        int process = syscall(SYS_pidfd_open, targets[i], 0);
        if (process >= 0) refused("pidfd_getfd", syscall(SYS_pidfd_getfd, process, 0, 0));
        refused("ptrace attach", ptrace(PTRACE_ATTACH, targets[i], 0, 0));
        refused("ptrace seize", ptrace(PTRACE_SEIZE, targets[i], 0, 0));
        refused("kcmp", syscall(SYS_kcmp, targets[i], getpid(), 0, 0, 0));
    }
    return through;
}
