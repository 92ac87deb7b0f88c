#include "maximum.h"

int maximum(const int *values, int count)
{
    (void)values;
    (void)count;
    return 0;
}
