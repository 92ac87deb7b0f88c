// Writes a little over the limit in small pieces and sleeps.
// Must: be told as the output limit at once, not as the wall limit.
// expect: limit output
// limits: output_bytes=1000 wall_ms=60000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 0; i < 1001; i++) if (write(1 + i % 2, "x", 1) < 0) return 3;
    for (;;) pause();
    return through;
}
