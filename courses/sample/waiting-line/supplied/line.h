#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_PLACES 4

struct line {
    int places[LINE_PLACES];
    size_t first;
    size_t count;
};

void line_begin(struct line *line);
bool line_join(struct line *line, int number);
bool line_serve(struct line *line, int *number);
size_t line_length(const struct line *line);

#endif
