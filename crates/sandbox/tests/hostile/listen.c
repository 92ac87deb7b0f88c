// Listens on a TCP port without having a network.
// Must: be refused.
// expect: exited 0
// without: seccomp -> exited 0; needs: landlock_net
// without: seccomp+landlock -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(8080)};
    refused("bind to a TCP port", bind(socket(AF_INET, SOCK_STREAM, 0), (void *)&any, sizeof any));
    return through;
}
