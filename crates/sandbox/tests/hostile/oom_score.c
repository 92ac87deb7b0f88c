// Lowers its oom_score_adj, so that others would be killed for memory in its place.
// Must: be refused: it is the first to be killed and stays so.
// expect: exited 0
// needs: landlock
// without: landlock -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    int file = open("/proc/self/oom_score_adj", O_WRONLY);
    refused("oom_score_adj", file >= 0 ? write(file, "0", 1) : -1);
    return through;
}
