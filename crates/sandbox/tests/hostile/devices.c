// Opens devices: disks, memory, terminals, FUSE, KVM, tun, kernel messages.
// Must: find none but the five harmless ones.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    const char *files[] = {"sda", "vda", "mem", "kmem", "port", "kmsg", "fuse", "kvm", "net/tun", "tty", "console", "ptmx", "tty0", "loop0", "loop-control", "mapper/control", "vsock", "userfaultfd", "dri/card0", "snd", "input", "cpu/0/msr", "rtc", "watchdog", "vhost-net", "nvidia0"};
    char path[64];
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) { snprintf(path, sizeof path, "/dev/%s", files[i]); refused(path, open(path, O_RDWR | O_NONBLOCK)); }
    DIR *directory = opendir("/dev"); struct dirent *entry; int count = 0;
    while ((entry = readdir(directory))) count++;
    refused("more in /dev than there should be", count > 12 ? 0 : -1);
    return through;
}
