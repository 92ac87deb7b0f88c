// Names a locale directory of its own that holds links to devices, a FIFO and a sparse file, and loads it.
// Must: harm nobody but itself: it goes on with the C locale or is ended by a clock.
// expect: exited 0 | limit wall | limit memory | signalled 7 | signalled 11
// limits: wall_ms=1500
#include "hostile.h"
#include <locale.h>

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    mkdir("/tmp/l", 0755);
    const char *names[] = {"LC_CTYPE", "LC_COLLATE", "LC_NUMERIC", "LC_TIME"};
    const char *kinds[] = {"zero", "fifo", "sparse", "loop"};
    for (int i = 0; i < 4; i++) {
        char directory[64], path[128];
        snprintf(directory, sizeof directory, "/tmp/l/%s", kinds[i]);
        mkdir(directory, 0755);
        for (int j = 0; j < 4; j++) {
            snprintf(path, sizeof path, "%s/%s", directory, names[j]);
            if (i == 0) symlink("/dev/zero", path);
            if (i == 1) mkfifo(path, 0644);
            if (i == 2) { int f = open(path, O_CREAT | O_WRONLY, 0644); ftruncate(f, 4 << 20); close(f); }
            if (i == 3) symlink(path, path);
        }
    }
    setenv("LOCPATH", "/tmp/l", 1);
    const char *order[] = {"zero", "sparse", "loop", "fifo"};
    for (int i = 0; i < 4; i++) setlocale(LC_ALL, order[i]);
    return 0;
}
