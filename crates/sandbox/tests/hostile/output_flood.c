// Writes without end to both streams.
// Must: be told as the output limit; what was kept is no longer than it.
// expect: limit output
// limits: output_bytes=65536
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    static char block[1 << 16];
    memset(block, 'x', sizeof block);
    for (;;) if (write(1, block, sizeof block) < 0 || write(2, block, sizeof block) < 0) return 3;
    return through;
}
