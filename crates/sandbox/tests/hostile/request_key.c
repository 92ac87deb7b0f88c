// Calls request_key, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden request_key
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("request_key", syscall(SYS_request_key, "user", "trace", "x", -4));
    return through;
}
