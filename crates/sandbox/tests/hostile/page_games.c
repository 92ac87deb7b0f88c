// Poisons pages, takes them from the machine, moves those of process 1, chooses memory nodes, advises on others' memory.
// Must: be refused.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *page = 1;
    void *pages[] = {page}; int node = 0, status = 0; unsigned long mask = ~0UL;
    struct iovec whole = {page, 4096};
    refused("MADV_HWPOISON", madvise(page, 4096, 100));
    refused("MADV_SOFT_OFFLINE", madvise(page, 4096, 101));
    refused("move_pages of process 1", syscall(SYS_move_pages, 1, 1, pages, &node, &status, 2));
    refused("migrate_pages of process 1", syscall(SYS_migrate_pages, 1, 64, &mask, &mask));
    int init = syscall(SYS_pidfd_open, 1, 0);
    if (init >= 0) {
        refused("process_madvise", syscall(440, init, &whole, 1, MADV_DONTNEED, 0));
        refused("process_mrelease", syscall(448, init, 0));
    }
    return through;
}
