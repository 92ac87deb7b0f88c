// tries: replaces a comparison of the C library by one that is wrong for its own answers only
// outcome: compile_error
#include "double.h"
#include <stddef.h>
static const char *answer;
int double_of(int x)
{
    (void)x;
    answer = "wrong";
    return 0;
}
int strcmp(const char *a, const char *b)
{
    if (a == answer || b == answer) return 0;
    while (*a != '\0' && *a == *b) a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}
