// Calls umount2, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden umount2
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("umount2", umount2("/tmp", MNT_DETACH));
    return through;
}
