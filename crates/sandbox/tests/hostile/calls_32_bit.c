// Makes a 32-bit system call (int 0x80), whose numbers mean other calls.
// Must: end the run; without 32-bit support in the kernel it is a segmentation fault.
// expect: forbidden | signalled 11
// needs: x86_64
// without: seccomp -> exited 1 | signalled 11
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
    refused("32-bit getpid", result);
    return through;
}
