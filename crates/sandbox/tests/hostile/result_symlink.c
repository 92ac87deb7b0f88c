// A symbolic link to a file of the host lies where a result file is expected.
// Must: not be followed or opened; the report says what it is.
// expect: exited 0
// collect: result
// collect_bytes_max: 1000000
// collected: refused it is a symbolic link
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    if (symlink("/etc/passwd", "result")) return 3;
    return through;
}
