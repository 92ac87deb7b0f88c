#include "maximum.h"

int maximum(const int *values, int count)
{
    int largest = values[--count];
    while (count-- > 0)
        largest = values[count] > largest ? values[count] : largest;
    return largest;
}
