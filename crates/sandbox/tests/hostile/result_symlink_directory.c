// A symbolic link on the path lies where a result file is expected.
// Must: not be followed or opened; the report says what it is.
// expect: exited 0
// collect: up/passwd
// collect_bytes_max: 1000000
// collected: refused a link is on its path
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    if (symlink("/etc", "up")) return 3;
    return through;
}
