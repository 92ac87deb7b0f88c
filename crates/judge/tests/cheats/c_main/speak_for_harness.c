// tries: calls the harness by its name
// outcome: compile_error
#include "double.h"
int double_of(int x)
{
    (void)x;
    return 0;
}
extern void carrel_put(int character);
void speak(void)
{
    carrel_put(10);
}
