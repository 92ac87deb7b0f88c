// Calls swapon, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden swapon
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("swapon", syscall(SYS_swapon, "/tmp/x", 0));
    return through;
}
