// tries: never comes back
// outcome: time_limit
#include "double.h"
int double_of(int x)
{
    for (volatile int i = x;; i++)
        ;
}
