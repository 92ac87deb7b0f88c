// The classic: chroot below, fchdir out, up, chroot.
// Must: be refused at the first step.
// expect: exited 0
// without: seccomp -> exited 0
// without: seccomp+credentials -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    int out = open("/", O_RDONLY | O_DIRECTORY);
    mkdir("/tmp/jail", 0700);
    refused("chroot", chroot("/tmp/jail"));
    if (fchdir(out)) return 3;
    for (int i = 0; i < 50; i++) if (chdir("..")) return 3;
    if (access("/work/../boot", F_OK) == 0 || access("../boot", F_OK) == 0) refused("out of the root", 0);
    return through;
}
