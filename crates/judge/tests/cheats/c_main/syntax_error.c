// tries: does not compile
// outcome: compile_error
#include "double.h"
int double_of(int x)
{
    return x * ;
}
