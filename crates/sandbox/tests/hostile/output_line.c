// One line of 1 GB, binary, with NUL and escape codes.
// Must: be told as the output limit.
// expect: limit output
// limits: output_bytes=65536
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    static char block[1 << 20];
    for (size_t i = 0; i < sizeof block; i++) block[i] = "\0\x1b[2J\xff"[i % 6];
    for (int i = 0; i < 1024; i++) if (write(1, block, sizeof block) < 0) return 3;
    return through;
}
