// Asks for what old calls tell of the machine.
// Must: be refused.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
#if defined(__x86_64__)
    char block[256];
    refused("ustat", syscall(SYS_ustat, 0, block));
    refused("uselib", syscall(SYS_uselib, "/lib/x86_64-linux-gnu/libc.so.6"));
    refused("sysfs", syscall(SYS_sysfs, 3));
    refused("lookup_dcookie", syscall(212, 1UL, NULL, 0));
#endif
    return through;
}
