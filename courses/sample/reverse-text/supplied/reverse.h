#ifndef REVERSE_H
#define REVERSE_H

/* Turns a text around in place. */
void reverse(char *text);

#endif
