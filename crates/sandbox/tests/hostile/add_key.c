// Calls add_key, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden add_key
// incident: forbidden_system_call
// without: seccomp -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("add_key", syscall(SYS_add_key, "user", "trace", "x", 1, -4));
    return through;
}
