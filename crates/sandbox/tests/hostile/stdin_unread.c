// Never reads 50 MB of input, with less memory than that.
// Must: end as it does by itself.
// expect: exited 5
// limits: memory_bytes=33554432
// stdin_bytes: 50000000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    return 5;
    return through;
}
