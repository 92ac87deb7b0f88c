// Calls bpf, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden bpf
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("bpf", syscall(SYS_bpf, 0, (uint32_t[16]){1, 4, 8, 1}, 64));
    return through;
}
