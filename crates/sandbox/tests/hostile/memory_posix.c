// Fills POSIX shared memory beyond the memory limit.
// Must: be told as the memory limit.
// expect: limit memory
// limits: memory_bytes=33554432 disk_bytes=134217728 file_bytes=134217728
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    int file = shm_open("/x", O_CREAT | O_RDWR, 0600);
    if (ftruncate(file, 100 << 20)) return 3;
    char *block = mmap(NULL, 100 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    memset(block, 1, 100 << 20);
    return through;
}
