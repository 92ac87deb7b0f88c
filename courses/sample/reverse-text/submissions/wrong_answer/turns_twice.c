#include "reverse.h"

#include <string.h>

void reverse(char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        char other = text[length - 1 - i];
        text[length - 1 - i] = text[i];
        text[i] = other;
    }
}
