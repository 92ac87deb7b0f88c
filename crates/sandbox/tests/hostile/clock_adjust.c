// Calls adjtimex, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden adjtimex
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("adjtimex", syscall(SYS_adjtimex, &(struct timex){.modes = 1}));
    return through;
}
