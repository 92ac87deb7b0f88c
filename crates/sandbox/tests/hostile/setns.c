// Calls setns, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden setns
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("setns", setns(open("/proc/self/ns/user", O_RDONLY), 0));
    return through;
}
