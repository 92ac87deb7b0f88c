// Calls delete_module, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden delete_module
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("delete_module", syscall(SYS_delete_module, "loop", 0));
    return through;
}
