#include "reverse.h"

void reverse(char *text)
{
    volatile char *copy = 0;
    *copy = *text;
}
