// Makes timers, message queues, epolls, inotify watches and pending signals without end.
// Must: be bounded; ends by itself.
// expect: exited 0 | limit memory
// limits: memory_bytes=33554432
#include "hostile.h"

static long epoll_pair(void) { syscall(SYS_inotify_init1, 0); return syscall(SYS_epoll_create1, 0); }

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    struct sigevent none = {.sigev_notify = SIGEV_NONE}; timer_t timer;
    for (int i = 0; i < 100000; i++) if (timer_create(CLOCK_MONOTONIC, &none, &timer)) break;
    for (int i = 0; i < 1000; i++) if (epoll_pair() < 0) break;
    for (int i = 0; i < 200000; i++) if (syscall(SYS_msgget, IPC_PRIVATE, IPC_CREAT | 0600) < 0) break;
    for (int i = 0; i < 200000; i++) if (syscall(SYS_semget, IPC_PRIVATE, 100, IPC_CREAT | 0600) < 0) break;
    sigset_t set; sigemptyset(&set); sigaddset(&set, SIGRTMIN); sigprocmask(SIG_BLOCK, &set, NULL);
    union sigval value = {0};
    for (int i = 0; i < 100000; i++) if (sigqueue(getpid(), SIGRTMIN, value)) break;
    return through;
}
