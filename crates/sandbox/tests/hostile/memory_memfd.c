// Fills a memfd beyond the memory limit.
// Must: be told as the memory limit.
// expect: limit memory
// limits: memory_bytes=33554432 file_bytes=134217728
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    static char block[1 << 20];
    int file = memfd_create("x", 0);
    for (int i = 0; i < 100; i++) if (write(file, block, sizeof block) < 0) return 3;
    return through;
}
