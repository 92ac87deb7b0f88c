// Brings up devices and changes routes with what rights it has.
// Must: be refused.
// expect: exited 0
// network: loopback
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    struct { char name[16]; short flags; char rest[22]; } request = {"lo", 0, {0}};
    refused("SIOCSIFFLAGS", ioctl(socket(AF_INET, SOCK_DGRAM, 0), 0x8914, &request));
    refused("SIOCSIFADDR", ioctl(socket(AF_INET, SOCK_DGRAM, 0), 0x8916, &request));
    return through;
}
