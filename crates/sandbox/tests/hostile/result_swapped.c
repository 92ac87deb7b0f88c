// A child swaps the result between a file and a link to a secret while the program ends.
// Must: be collected when nobody can swap any more: the file, or a refused link.
// expect: exited 0
// collect: result
// collected: any
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    if (fork() == 0) for (;;) {
        close(open("a", O_CREAT | O_WRONLY, 0600)); rename("a", "result");
        if (symlink("/etc/passwd", "b") == 0) rename("b", "result");
    }
    usleep(50000);
    return through;
}
