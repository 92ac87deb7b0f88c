// Gives the same pages away again and again: vmsplice and tee into standard output, without copying anything.
// Must: be told as the output limit.
// expect: limit output
// limits: output_bytes=65536
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    char *page = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(page, 'x', 1 << 16);
    struct iovec piece = {page, 1 << 16};
    int ends[2];
    if (pipe(ends) != 0) return 1;
    for (;;) {
        if (vmsplice(1, &piece, 1, 0) > 0) continue;
        /* Where standard output is no pipe. */
        if (write(1, page, 1 << 16) < 0) return 1;
    }
}
