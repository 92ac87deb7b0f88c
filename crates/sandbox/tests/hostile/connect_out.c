// Connects by TCP and UDP to the host's loopback, where somebody listens, to a metadata address, and to the world.
// Must: be unreachable.
// expect: exited 0
// without: network -> exited 0
// without: network+seccomp -> exited 1
#include "hostile.h"

static long reach(const char *host, int port, int type) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    int end = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    int result = connect(end, (void *)&address, sizeof address);
    if (result && errno == EINPROGRESS) return 0;
    if (result == 0 && type == SOCK_DGRAM) return write(end, "x", 1);
    return result;
}

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    int port = atoi(argv[1]);
    refused("host's loopback, TCP", reach("127.0.0.1", port, SOCK_STREAM));
    refused("host's loopback, UDP", reach("127.0.0.1", port, SOCK_DGRAM));
    refused("metadata, TCP", reach("169.254.169.254", 80, SOCK_STREAM));
    refused("metadata, UDP", reach("169.254.169.254", 80, SOCK_DGRAM));
    refused("name server", reach("192.0.2.53", 53, SOCK_DGRAM));
    refused("the world", reach("198.51.100.1", 443, SOCK_STREAM));
    return through;
}
