// Calls fsopen, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden fsopen
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
    return through;
}
