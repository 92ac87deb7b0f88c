// Calls move_mount, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden move_mount
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("move_mount", syscall(SYS_move_mount, AT_FDCWD, "/tmp", AT_FDCWD, "/work", 0));
    return through;
}
