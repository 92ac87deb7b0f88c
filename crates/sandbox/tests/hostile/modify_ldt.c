// Calls modify_ldt, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden modify_ldt
// needs: x86_64
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("modify_ldt", syscall(SYS_modify_ldt, 0, 0, 0));
    return through;
}
