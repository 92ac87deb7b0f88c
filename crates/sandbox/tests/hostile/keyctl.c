// Calls keyctl, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden keyctl
// incident: forbidden_system_call
// without: seccomp -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("keyctl", syscall(SYS_keyctl, 0, -3, 1));
    return through;
}
