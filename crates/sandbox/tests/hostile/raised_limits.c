// Raises every limit it has, of itself and of process 1, and lowers those of process 1.
// Must: be refused.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int kind = 0; kind < 16; kind++) {
        struct rlimit own, more, none = {0, 0};
        if (getrlimit(kind, &own) != 0) continue;
        more = own;
        if (own.rlim_max != RLIM_INFINITY) {
            more.rlim_max = RLIM_INFINITY;
            refused("a higher hard limit", setrlimit(kind, &more));
        }
        refused("limits of process 1", prlimit(1, kind, &none, NULL));
    }
    return through;
}
