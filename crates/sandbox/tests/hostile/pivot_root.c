// Calls pivot_root, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden pivot_root
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("pivot_root", syscall(SYS_pivot_root, ".", "."));
    return through;
}
