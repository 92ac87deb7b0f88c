// The same with a loopback device of its own.
// Must: reach itself only, nothing of the host's and nothing outside.
// expect: exited 0
// network: loopback
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
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t size = sizeof own;
    if (bind(listener, (void *)&own, size) || listen(listener, 1) || getsockname(listener, (void *)&own, &size)) return 3;
    if (connect(client, (void *)&own, size)) return 4;
    int host = socket(AF_INET, SOCK_STREAM, 0);
    own.sin_port = htons(port);
    refused("host's loopback, TCP", connect(host, (void *)&own, size));
    refused("metadata", reach("169.254.169.254", 80, SOCK_DGRAM));
    refused("the world", reach("198.51.100.1", 443, SOCK_STREAM));
    return through;
}
