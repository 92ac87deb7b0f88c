// Looks for descriptors beyond its three streams, and writes a forged ending to every number.
// Must: find none; the real ending is told.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 3; i < 1024; i++) {
        if (fcntl(i, F_GETFD) >= 0) refused("an inherited descriptor", i);
        write(i, "\x0a\0\0\0\x02\0\0\0", 8) ;
    }
    DIR *one = opendir("/proc/1/fd");
    refused("/proc/1/fd", one ? 0 : -1);
    return through;
}
