// tries: replaces write to see the key
// outcome: wrong_answer
#include "double.h"
int double_of(int x)
{
    (void)x;
    return 0;
}
#include <stddef.h>
long write(int fd, const void *bytes, unsigned long count)
{
    (void)fd;
    (void)bytes;
    return (long)count;
}
