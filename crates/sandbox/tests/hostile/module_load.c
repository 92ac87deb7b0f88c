// Calls finit_module, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden finit_module
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("finit_module", syscall(SYS_finit_module, open("/usr/bin/env", O_RDONLY), "", 0));
    return through;
}
