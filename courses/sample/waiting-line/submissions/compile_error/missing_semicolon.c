#include "line.h"

void line_begin(struct line *line)
{
    line->first = 0
    line->count = 0;
}

bool line_join(struct line *line, int number)
{
    if (line->count == LINE_PLACES)
        return false;
    line->places[(line->first + line->count) % LINE_PLACES] = number;
    line->count++;
    return true;
}

bool line_serve(struct line *line, int *number)
{
    if (line->count == 0)
        return false;
    *number = line->places[line->first];
    line->first = (line->first + 1) % LINE_PLACES;
    line->count--;
    return true;
}

size_t line_length(const struct line *line)
{
    return line->count;
}
