// Connects to an abstract Unix socket of the host, where somebody listens.
// Must: be unreachable.
// expect: exited 0
// without: network -> exited 0; needs: landlock_scope
// without: network+landlock -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(argv[2]);
    memcpy(address.sun_path + 1, argv[2], length);
    refused("abstract socket of the host", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof(sa_family_t) + 1 + length));
    return through;
}
