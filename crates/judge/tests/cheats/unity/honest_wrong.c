// tries: is wrong, honestly
// outcome: wrong_answer
#include "double.h"
int double_of(int x)
{
    (void)x;
    return 0;
}
