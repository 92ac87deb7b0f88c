// Calls clock_settime, which no honest program of a learner does.
// Must: end the run and be named.
// expect: forbidden clock_settime
// incident: forbidden_system_call
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("clock_settime", clock_settime(CLOCK_REALTIME, &(struct timespec){1, 0}));
    return through;
}
