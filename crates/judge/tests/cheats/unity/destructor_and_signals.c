// tries: destructors, handlers of every signal and of the end, each leaving with exit code 0
// outcome: rejected
#include "double.h"
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void leave(int signal)
{
    (void)signal;
    _exit(0);
}

__attribute__((destructor)) static void last(void) { _exit(0); }
static void at_end(void) { _exit(0); }

__attribute__((constructor)) static void first(void)
{
    for (int number = 1; number < 65; number++) signal(number, leave);
    atexit(at_end);
    at_quick_exit(at_end);
}

int double_of(int x)
{
    (void)x;
    raise(SIGSEGV);
    return 0;
}
