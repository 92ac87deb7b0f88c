#include "maximum.h"

int maximum(const int *values, int count)
{
    int largest = 0;
    for (int i = 0; i < count; i++)
        if (values[i] > largest)
            largest = values[i];
    return largest;
}
