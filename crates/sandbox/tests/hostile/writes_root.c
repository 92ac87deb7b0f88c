// Writes to the root file system: /usr, /etc, /, /dev.
// Must: be refused: read-only, not its own.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    const char *places[] = {"/x", "/usr/x", "/etc/x", "/dev/x", "/usr/bin/x", "/proc/x"};
    for (int i = 0; i < 6; i++) refused(places[i], open(places[i], O_CREAT | O_WRONLY, 0600));
    refused("/etc/passwd", open("/etc/passwd", O_WRONLY));
    refused("chmod /dev/null", chmod("/dev/null", 0));
    refused("unlink /dev/null", unlink("/dev/null"));
    refused("chmod /tmp", chmod("/tmp", 0));
    return through;
}
