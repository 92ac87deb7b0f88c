// A grandchild makes a forbidden call while the program itself goes on to end well.
// Must: be told all the same.
// expect: forbidden mount
// incident: forbidden_system_call
// limits: wall_ms=20000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    if (fork() == 0) { if (fork() == 0) { mount("none", "/tmp", "tmpfs", 0, ""); _exit(0); } pause(); }
    sleep(60);
    return through;
}
