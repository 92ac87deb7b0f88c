// Directories of 255-byte names, deeper than a path can be long, asked to be brought back.
// Must: end by itself; the path is refused as too long.
// expect: exited 0
// collect: d
// collected: refused its path is too long
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    char name[256]; memset(name, 'n', 255); name[255] = 0;
    mkdir("d", 0700); if (chdir("d")) return 3;
    for (int i = 0; i < 25; i++) if (mkdir(name, 0700) || chdir(name)) return 3;
    return through;
}
