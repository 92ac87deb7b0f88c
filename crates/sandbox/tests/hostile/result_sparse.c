// A sparse file larger than may be collected lies where a result file is expected.
// Must: not be followed or opened; the report says what it is.
// expect: exited 0
// collect: result
// collect_bytes_max: 1000000
// collected: refused it is too large
#include "hostile.h"

static int result_of(long size) { return ftruncate(open("result", O_CREAT | O_WRONLY, 0600), size); }

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    if (result_of(8 << 20)) return 3;
    return through;
}
