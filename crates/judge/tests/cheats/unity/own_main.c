// tries: brings its own main
// outcome: compile_error
#include "double.h"
int double_of(int x)
{
    (void)x;
    return 0;
}
int main(void)
{
    return 0;
}
