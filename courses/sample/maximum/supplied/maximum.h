#ifndef MAXIMUM_H
#define MAXIMUM_H

/* The largest of `count` numbers, of which there is at least one. */
int maximum(const int *values, int count);

#endif
