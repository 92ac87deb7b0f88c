// Fills SysV shared memory beyond the memory limit and leaves the segments.
// Must: be told as the memory limit; the segments are gone with the run.
// expect: limit memory
// limits: memory_bytes=33554432
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 0; i < 25; i++) {
        int id = shmget(IPC_PRIVATE, 4 << 20, IPC_CREAT | 0600);
        char *block = shmat(id, NULL, 0);
        if (id < 0 || block == (void *)-1) return 3;
        memset(block, 1, 4 << 20);
        shmdt(block);
    }
    return through;
}
