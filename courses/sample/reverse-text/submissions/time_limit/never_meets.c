#include "reverse.h"

void reverse(char *text)
{
    volatile long rounds = 0;
    while (text != 0) {
        rounds = rounds + 1;
    }
}
