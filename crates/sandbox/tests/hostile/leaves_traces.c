// Leaves everything that can be left: files, SysV memory, semaphores and queues, POSIX shared memory, an abstract socket, changed modes, a changed umask, a low priority.
// Must: be gone for the next run.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    close(open("/work/trace", O_CREAT | O_WRONLY, 0600));
    close(open("/tmp/trace", O_CREAT | O_WRONLY, 0600));
    close(shm_open("/trace", O_CREAT | O_RDWR, 0600));
    shmget(4711, 4096, IPC_CREAT | 0666);
    syscall(SYS_semget, 4711, 1, IPC_CREAT | 0666);
    syscall(SYS_msgget, 4711, IPC_CREAT | 0666);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0trace"};
    if (bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof(sa_family_t) + 6)) return 3;
    umask(0777); nice(10); signal(SIGTERM, SIG_IGN);
    return through;
}
