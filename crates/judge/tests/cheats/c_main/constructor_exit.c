// tries: ends the process before main
// outcome: runtime_error
#include "double.h"
int double_of(int x)
{
    (void)x;
    return 0;
}
#include <unistd.h>
__attribute__((constructor(101))) static void early(void)
{
    _exit(0);
}
