// tries: crashes
// outcome: runtime_error
#include "double.h"
int double_of(int x)
{
    return *(volatile int *)(long)(x - x);
}
