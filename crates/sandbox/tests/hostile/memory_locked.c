// Locks memory so that it cannot be given back.
// Must: be refused beyond 64 KB.
// expect: exited 0
// without: resource_limits -> exited 1 | exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    char *block = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    refused("mlock of 1 MB", mlock(block, 1 << 20));
    return through;
}
