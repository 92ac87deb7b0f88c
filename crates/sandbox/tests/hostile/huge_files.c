// A sparse file of 1 TB, fallocate of 1 TB, and truncate of one, with SIGXFSZ ignored.
// Must: be refused; the host's disk is not touched.
// expect: exited 0
// without: resource_limits -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    signal(SIGXFSZ, SIG_IGN);
    int file = open("/tmp/sparse", O_CREAT | O_RDWR, 0600);
    refused("ftruncate to 1 TB", ftruncate(file, 1L << 40));
    refused("fallocate of 1 TB", fallocate(file, 0, 0, 1L << 40));
    refused("write at 1 TB", pwrite(file, "x", 1, 1L << 40));
    refused("truncate to 1 TB", truncate("/tmp/sparse", 1L << 40));
    return through;
}
