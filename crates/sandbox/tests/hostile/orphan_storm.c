// Makes orphans faster than init reaps, each ending at once and leaving another.
// Must: end with its main process; nobody is left.
// expect: exited 0
// limits: processes=20
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 0; i < 300; i++) {
        pid_t child = fork();
        if (child == 0) { if (fork() == 0) { fork(); _exit(0); } _exit(0); }
        if (child > 0) waitpid(child, NULL, 0);
    }
    return through;
}
