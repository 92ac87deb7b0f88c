#include "reverse.h"

void reverse(char *text)
{
    (void)text;
}
