// Starts 60 sleeping children where 20 processes are allowed.
// Must: be refused; the peak is at most the limit.
// expect: exited 0
// limits: processes=20
// refused: yes
// without: cgroup_pids -> exited 0; refused: no
// without: cgroup_pids+resource_limits -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    int children = 0;
    for (int i = 0; i < 60; i++) {
        pid_t child = fork();
        if (child == 0) { pause(); _exit(0); }
        if (child > 0) children++;
    }
    refused("more processes than allowed", children < 20 ? -1 : 0);
    return through;
}
