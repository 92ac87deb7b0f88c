// Calls open_by_handle_at, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden open_by_handle_at
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("open_by_handle_at", syscall(SYS_open_by_handle_at, 3, (char[64]){8, 0, 0, 0, 1}, 0));
    return through;
}
