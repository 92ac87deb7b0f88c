#include "maximum.h"

int maximum(const int *values, int count)
{
    int largest = values[0];
    for (int i = 1; i < count; i++) {
        if (values[i] > largest) {
            largest = values[i];
        }
    }
    return largest;
}
