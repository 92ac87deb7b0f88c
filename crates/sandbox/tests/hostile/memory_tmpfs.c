// Fills /tmp, /dev/shm and /work, which are memory, beyond the memory limit.
// Must: be told as the memory limit.
// expect: limit memory
// limits: memory_bytes=33554432 disk_bytes=134217728 file_bytes=134217728
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    static char block[1 << 20];
    const char *places[] = {"/tmp/a", "/dev/shm/a", "/work/a"};
    for (int p = 0; p < 3; p++) {
        int file = open(places[p], O_CREAT | O_WRONLY, 0600);
        for (int i = 0; i < 40; i++) if (write(file, block, sizeof block) < 0) break;
    }
    return through;
}
