// tries: changes the exit code at the end
// outcome: wrong_answer
#include "double.h"
int double_of(int x)
{
    (void)x;
    return 0;
}
#include <stdlib.h>
#include <unistd.h>
static void late(void)
{
    _exit(0);
}
__attribute__((constructor)) static void early(void)
{
    atexit(late);
}
