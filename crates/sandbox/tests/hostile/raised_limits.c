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
            // Answered well for core dumps, and changes nothing: what counts is what holds afterwards.
            if (setrlimit(kind, &more) == 0 && getrlimit(kind, &more) == 0) refused("a higher hard limit", more.rlim_max == own.rlim_max ? -1 : 0);
        }
        if (getpid() != 1 && kind != RLIMIT_CORE) refused("limits of process 1", prlimit(1, kind, &none, NULL));
    }
    return through;
}
