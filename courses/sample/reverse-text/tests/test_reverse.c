#include "carrel_check.h"
#include "reverse.h"

#include <stdio.h>
#include <string.h>

/* One text between guards: whoever writes outside of it is seen. */
static void check(const char *name, const char *before, const char *expected)
{
    char memory[64];
    char note[160];
    memset(memory, '#', sizeof memory);
    strcpy(memory + 8, before);
    reverse(memory + 8);

    size_t end = 8 + strlen(before);
    int inside = memcmp(memory, "########", 8) == 0 && memory[end] == 0 && memory[end + 1] == '#';
    CARREL_CHECK(inside && strcmp(memory + 8, expected) == 0, name);
    if (!inside) {
        carrel_note("your function wrote outside of the text");
    } else if (strcmp(memory + 8, expected) != 0) {
        snprintf(note, sizeof note, "\"%s\" should become \"%s\", but it is \"%.40s\"", before, expected, memory + 8);
        carrel_note(note);
    }
}

int main(void)
{
    check("an odd number of characters", "stone", "enots");
    check("an even number of characters", "word", "drow");
    check("two characters", "no", "on");
    check("one character", "a", "a");
    check("the empty text", "", "");
    check("spaces and signs", "to be, or not", "ton ro ,eb ot");
    return 0;
}
