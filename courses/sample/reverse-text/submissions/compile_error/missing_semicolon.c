#include "reverse.h"

void reverse(char *text)
{
    char first = text[0]
    text[0] = first;
}
