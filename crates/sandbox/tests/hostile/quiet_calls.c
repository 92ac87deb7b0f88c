// Calls that libraries try and live without: perf_event_open, userfaultfd, io_uring, AIO, fanotify, syslog, quotactl, handles.
// Must: be refused without ending the run.
// expect: exited 0
// without: seccomp -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    char block[256] = {0};
    refused("perf_event_open", syscall(SYS_perf_event_open, block, 0, -1, -1, 0));
    refused("userfaultfd", syscall(SYS_userfaultfd, 1));
    refused("io_uring_setup", syscall(SYS_io_uring_setup, 4, block));
    unsigned long context = 0;
    refused("io_setup", syscall(SYS_io_setup, 64, &context));
    refused("fanotify_init", syscall(SYS_fanotify_init, 0, 0));
    refused("syslog", syscall(SYS_syslog, 3, block, sizeof block));
    refused("quotactl", syscall(SYS_quotactl, 0, "/dev/vda", 0, block));
    refused("name_to_handle_at", syscall(SYS_name_to_handle_at, AT_FDCWD, "/", block, block + 128, 0));
    refused("sethostname", sethostname("x", 1));
    refused("vhangup", syscall(SYS_vhangup));
    refused("kcmp", syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0));
    refused("move_pages", syscall(SYS_move_pages, 0, 1, block, block, block, 2));
    refused("call number 600", syscall(600));
    return through;
}
