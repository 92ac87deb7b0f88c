// Calls open_tree, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden open_tree
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1));
    return through;
}
