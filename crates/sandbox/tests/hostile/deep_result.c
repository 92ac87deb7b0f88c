// Makes directories 500 deep and asks for them to be brought back.
// Must: end by itself; what is too deep is refused by name.
// expect: exited 0
// collect: d
// collected: refused directories are nested too deep
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 0; i < 500; i++) if (mkdir("d", 0700) || chdir("d")) return 3;
    return through;
}
