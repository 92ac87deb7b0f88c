// Loads a filter of its own, hoping to answer forbidden calls itself or to change an answer.
// Must: only ever get less; a second listener is refused.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    struct { unsigned short code; unsigned char jt, jf; unsigned k; } allow[] = {{6, 0, 0, 0x7fff0000}};
    struct { unsigned short length; void *filter; } program = {1, allow};
    refused("a listener of its own", syscall(SYS_seccomp, 1, 8, &program));
    syscall(SYS_seccomp, 1, 0, &program);
    refused("ptrace after a filter of its own", ptrace(PTRACE_TRACEME, 0, 0, 0));
    return through;
}
