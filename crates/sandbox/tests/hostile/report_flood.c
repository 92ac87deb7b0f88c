// Fills the report channel and every other descriptor.
// Must: be told as the output limit; the ending cannot be forged.
// expect: limit output
// report_channel: yes
// limits: output_bytes=65536 wall_ms=20000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    static char block[1 << 16];
    for (;;) for (int i = 0; i < 64; i++) if (write(i, block, sizeof block) < 0) continue;
    return through;
}
