// What the hostile programs share. A program exits 0 if everything that it
// tried was refused, and 1 (saying what on standard output) if something got through.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static int through;

// The attempt must have failed.
static inline void refused(const char *what, long result) {
    if (result >= 0) {
        printf("THROUGH: %s\n", what);
        fflush(stdout);
        through = 1;
    }
}

// The file must not be readable, or be empty.
static inline void unreadable(const char *path) {
    char byte;
    int file = open(path, O_RDONLY | O_NONBLOCK);
    if (file >= 0 && read(file, &byte, 1) == 1) refused(path, 0);
    if (file >= 0) close(file);
}
