// Writes one file beyond the largest size.
// Must: be told as the limit on file size.
// expect: limit file_size
// limits: file_bytes=100000
// without: resource_limits -> exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    static char block[200000];
    int file = open("/tmp/big", O_CREAT | O_WRONLY, 0600);
    for (int i = 0; i < 2; i++) if (write(file, block, sizeof block) < 0) return 3;
    return through;
}
