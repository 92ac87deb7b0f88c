#include "maximum.h"

integer maximum(const int *values, int count)
{
    return values[count - 1];
}
