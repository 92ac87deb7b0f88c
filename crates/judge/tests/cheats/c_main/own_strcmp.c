// tries: replaces the C library's comparisons
// outcome: compile_error
#include "double.h"
int double_of(int x)
{
    (void)x;
    return 0;
}
#include <stddef.h>
int strcmp(const char *a, const char *b)
{
    (void)a;
    (void)b;
    return 0;
}
