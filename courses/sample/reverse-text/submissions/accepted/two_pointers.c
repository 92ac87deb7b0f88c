#include "reverse.h"

#include <stdio.h>
#include <string.h>

void reverse(char *text)
{
    printf("not ok 1 - this is only noise\n");
    char *left = text, *right = text + strlen(text);
    while (left < right) {
        char first = *left;
        *left++ = *--right;
        *right = first;
    }
}
