// Calls kexec_load, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden kexec_load
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("kexec_load", syscall(SYS_kexec_load, 0, 0, 0, 0));
    return through;
}
