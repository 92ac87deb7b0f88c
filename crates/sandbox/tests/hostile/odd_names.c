// Names with newline, invalid UTF-8, escape codes, a leading dash and 255 bytes, asked to be brought back.
// Must: be brought back as plain data.
// expect: exited 0
// collect: d
// collected: bytes 5
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    mkdir("d", 0700);
    char longest[258] = "d/"; memset(longest + 2, 'n', 255); longest[257] = 0;
    const char *names[] = {"d/new\nline", "d/bad\xff\xfe utf", "d/\x1b[2Jescape", "d/-rf", longest};
    for (int i = 0; i < 5; i++) {
        int file = open(names[i], O_CREAT | O_WRONLY, 0600);
        if (file < 0 || write(file, "x", 1) != 1) return 3;
    }
    return through;
}
