#include "reverse.h"

#include <stdlib.h>
#include <string.h>

void reverse(char *text)
{
    size_t length = strlen(text);
    char *copy = malloc(length + 1);
    strcpy(copy, text);
    for (size_t i = 0; i < length; i++) {
        text[i] = copy[length - 1 - i];
    }
    free(copy);
}
