// Asks for the mounts of the machine by the new calls, and for copies of them.
// Must: be refused without ending the run: these calls are newer than programs that libraries try them for.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    struct { uint32_t size, spare; uint64_t id, parameter, space; } request = {32, 0, ~0ULL /* the root */, 0, 0};
    uint64_t found[64]; char block[4096];
    refused("listmount", syscall(458, &request, found, 64, 0));
    request.parameter = 3;
    refused("statmount", syscall(457, &request, block, sizeof block, 0));
    refused("open_tree_attr", syscall(467, AT_FDCWD, "/", 1, block, 32));
    refused("file_setattr", syscall(469, AT_FDCWD, "/work", block, 32, 0));
    return through;
}
