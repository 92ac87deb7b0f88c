// Calls reboot, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden reboot
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0x89abcdef, 0));
    return through;
}
