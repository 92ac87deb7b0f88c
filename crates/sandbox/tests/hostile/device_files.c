// Makes device files, by every call and in every writable place.
// Must: be refused.
// expect: exited 0
// without: credentials+seccomp -> exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    const char *places[] = {"/tmp/d", "/work/d", "/dev/shm/d"};
    for (int i = 0; i < 3; i++) {
        refused(places[i], mknod(places[i], S_IFBLK | 0666, 0x800));
        refused(places[i], mknodat(AT_FDCWD, places[i], S_IFCHR | 0666, 0x101));
    }
    return through;
}
