// Becomes another user or group.
// Must: be refused.
// expect: exited 0
// without: credentials -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int id = 0; id < 3; id++) {
        refused("setuid", setresuid(id, id, id));
        refused("setgid", setresgid(id, id, id));
    }
    gid_t group = 0;
    refused("setgroups", setgroups(1, &group));
    refused("root", geteuid() == 0 ? 0 : -1);
    return through;
}
