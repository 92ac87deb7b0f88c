// Turns off address randomisation and asks for old semantics.
// Must: be refused.
// expect: exited 0
// without: seccomp -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("ADDR_NO_RANDOMIZE", syscall(SYS_personality, 0x0040000));
    refused("READ_IMPLIES_EXEC", syscall(SYS_personality, 0x0400000));
    return through;
}
