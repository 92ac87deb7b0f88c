// Reads a file of the environment that only the host's root may read.
// Must: be refused: its root is not the host's.
// expect: exited 0
// without: uid_range -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    unreadable("/probe/secret");
    return through;
}
