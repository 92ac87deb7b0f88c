#include "maximum.h"

#include <limits.h>
#include <stdio.h>

static int failures;

static void check(const char *name, const int *values, int count, int expected)
{
    int got = maximum(values, count);
    if (got != expected) {
        fprintf(stderr, "%s: expected %d, got %d\n", name, expected, got);
        failures++;
    }
}

/* A main of its own, without any framework: its exit code is the result. */
int main(void)
{
    const int one[] = {7};
    const int first[] = {9, 3, 4};
    const int last[] = {1, 2, 3, 4};
    const int negative[] = {-5, -2, -9};
    const int extreme[] = {INT_MIN, INT_MIN + 1};
    check("one number", one, 1, 7);
    check("the first is the largest", first, 3, 9);
    check("the last is the largest", last, 4, 4);
    check("all below zero", negative, 3, -2);
    check("the smallest numbers there are", extreme, 2, INT_MIN + 1);
    return failures == 0 ? 0 : 1;
}
