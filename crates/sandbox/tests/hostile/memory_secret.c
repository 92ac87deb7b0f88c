// Fills secret memory (memfd_secret), which no other process and no core dump can see, beyond the memory limit.
// Must: be refused, or be told as the memory limit.
// expect: exited 0 | limit memory
// limits: memory_bytes=33554432 file_bytes=134217728
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 0; i < 64; i++) {
        int file = syscall(447 /* memfd_secret */, 0);
        if (file < 0) return 0;
        size_t size = 16 << 20;
        if (ftruncate(file, size) < 0) return 0;
        char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (memory == MAP_FAILED) return 0;
        memset(memory, 1, size);
    }
    refused("a gigabyte of secret memory", 0);
    return through;
}
