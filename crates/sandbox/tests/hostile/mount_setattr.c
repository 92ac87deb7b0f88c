// Calls mount_setattr, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden mount_setattr
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("mount_setattr", syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, (uint64_t[4]){0, 1, 0, 0}, 32));
    return through;
}
