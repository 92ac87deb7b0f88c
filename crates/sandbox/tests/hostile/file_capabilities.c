// Gives a file of its own capabilities, a setuid bit and another owner, and runs it.
// Must: be refused, or mean nothing.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    int from = open("/proc/self/exe", O_RDONLY), to = open("/tmp/own", O_CREAT | O_WRONLY, 0755);
    char block[4096]; long count;
    if (argc > 3) { refused("effective user id 0", geteuid() == 0 ? 0 : -1); return through; }
    while ((count = read(from, block, sizeof block)) > 0) if (write(to, block, count) < 0) return 3;
    unsigned char all[20] = {1, 0, 0, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    refused("capability attribute", fsetxattr(to, "security.capability", all, 20, 0));
    refused("trusted attribute", fsetxattr(to, "trusted.x", "x", 1, 0));
    refused("chown to root", fchown(to, 0, 0));
    fchmod(to, 06755); close(to);
    execl("/tmp/own", "own", "a", "b", "c", NULL);
    return 4;
    return through;
}
