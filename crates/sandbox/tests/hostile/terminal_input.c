// Puts input into a terminal's mouth on every stream.
// Must: be refused.
// expect: exited 0
// without: seccomp -> exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 0; i < 3; i++) { refused("TIOCSTI", ioctl(i, 0x5412, "x")); refused("TIOCLINUX", ioctl(i, 0x541c, "\3")); }
    refused("/dev/tty", open("/dev/tty", O_RDWR));
    refused("controlling terminal", ioctl(0, 0x540e, 1));
    return through;
}
