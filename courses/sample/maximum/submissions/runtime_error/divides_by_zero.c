#include "maximum.h"

int maximum(const int *values, int count)
{
    volatile int zero = 0;
    return values[0] / zero + count;
}
