// tries: ends the process from within a call
// outcome: runtime_error
#include "double.h"
#include <stdlib.h>
int double_of(int x)
{
    exit(x - x);
}
