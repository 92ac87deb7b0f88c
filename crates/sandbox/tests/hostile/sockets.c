// Opens raw, packet, netlink, vsock, AF_ALG, Bluetooth, CAN, XDP and key sockets, and protocols whose modules the kernel would load.
// Must: be refused.
// expect: exited 0
// without: seccomp -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int family = 3; family < 46; family++) if (family != AF_INET6) {
        char name[32]; snprintf(name, sizeof name, "socket family %d", family);
        for (int type = 1; type < 6; type++) refused(name, socket(family, type, 0));
    }
    refused("raw", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    refused("raw 6", socket(AF_INET6, SOCK_RAW, IPPROTO_RAW));
    refused("ping", socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
    refused("SCTP", socket(AF_INET, SOCK_STREAM, 132));
    refused("SCTP seqpacket", socket(AF_INET, SOCK_SEQPACKET, 132));
    refused("DCCP", socket(AF_INET, 6, 33));
    refused("MPTCP", socket(AF_INET, SOCK_STREAM, 262));
    refused("UDP-Lite", socket(AF_INET, SOCK_DGRAM, 136));
    return through;
}
