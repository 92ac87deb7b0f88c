// Makes directories 10,000 deep; every step costs more than the last.
// Must: end by itself or at the processor limit, and be cleared away as quickly as any.
// expect: exited 0 | limit cpu
// limits: inodes=11000 cpu_ms=1000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 0; i < 10000; i++) if (mkdir("d", 0700) || chdir("d")) return 3;
    return through;
}
