// A directory, of which nobody may read, lies where a result file is expected; in it a hard link to a device cannot be, and a secret file can.
// Must: be collected as its files.
// expect: exited 0
// collect: result
// collected: bytes 1
#include "hostile.h"

static dev_t makedev_(unsigned major, unsigned minor) { return (major << 8) | minor; }

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    if (mkdir("result", 0700)) return 3;
    int file = open("result/x", O_CREAT | O_WRONLY, 0);
    refused("hard link to a device", link("/dev/zero", "result/device"));
    refused("device file", mknod("result/device", S_IFCHR | 0666, makedev_(1, 5)));
    refused("disk device file", mknod("result/disk", S_IFBLK | 0666, makedev_(8, 0)));
    close(file); chmod("result", 0);
    return through;
}
