// A socket lies where a result file is expected.
// Must: not be followed or opened; the report says what it is.
// expect: exited 0
// collect: result
// collect_bytes_max: 1000000
// collected: refused it is a socket
#include "hostile.h"

static int result_socket(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "result"};
    return bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof address);
}

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    if (result_socket()) return 3;
    return through;
}
