// Sends standard output through a pair of sockets to themselves and forgets them: the writing end is held by nobody, on its way.
// Must: not hold up the report.
// expect: exited 0
// limits: wall_ms=20000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    int pair[2], carried[3];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    for (int side = 0; side < 2; side++) {
        carried[0] = 1; carried[1] = pair[0]; carried[2] = pair[1];
        char space[CMSG_SPACE(sizeof carried)] = {0};
        struct iovec word = {"x", 1};
        struct msghdr message = {.msg_iov = &word, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET; header->cmsg_type = SCM_RIGHTS; header->cmsg_len = CMSG_LEN(sizeof carried);
        memcpy(CMSG_DATA(header), carried, sizeof carried);
        sendmsg(pair[side], &message, 0);
    }
    return through;
}
