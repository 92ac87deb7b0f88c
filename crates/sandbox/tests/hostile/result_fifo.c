// A FIFO lies where a result file is expected.
// Must: not be followed or opened; the report says what it is.
// expect: exited 0
// collect: result
// collect_bytes_max: 1000000
// collected: refused it is a FIFO
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    if (mkfifo("result", 0666)) return 3;
    return through;
}
