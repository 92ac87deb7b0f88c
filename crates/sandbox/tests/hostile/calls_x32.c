// Makes x32 calls, numbered apart, that filters have overlooked before.
// Must: be refused as unknown.
// expect: exited 0
// needs: x86_64
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("x32 getpid", syscall(0x40000000 + 39));
    refused("x32 mount", syscall(0x40000000 + 165, "none", "/tmp", "tmpfs", 0, ""));
    refused("x32 execve", syscall(0x40000000 + 520, "/bin/true", argv, NULL));
    refused("negative call", syscall(-1));
    return through;
}
