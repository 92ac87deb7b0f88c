// Calls mount, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden mount
// incident: forbidden_system_call
// without: seccomp -> exited 0
// without: seccomp+credentials -> exited 0
// without: seccomp+credentials+landlock -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("mount", mount("none", "/tmp", "tmpfs", 0, ""));
    return through;
}
