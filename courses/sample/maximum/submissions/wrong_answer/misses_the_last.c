#include "maximum.h"

int maximum(const int *values, int count)
{
    int largest = values[0];
    for (int i = 1; i < count - 1; i++)
        if (values[i] > largest)
            largest = values[i];
    return largest;
}
