// Opens pseudo-terminals without end and fills what they hold.
// Must: be refused, or be bounded by the limit on descriptors; ends by itself.
// expect: exited 0 | limit memory
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    static char text[4096];
    for (int i = 0; i < 100000; i++) {
        int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
        if (master < 0) master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
        if (master < 0) break;
        int unlock = 0;
        ioctl(master, 0x40045431 /* TIOCSPTLCK */, &unlock);
        while (write(master, text, sizeof text) > 0) {}
    }
    return 0;
}
