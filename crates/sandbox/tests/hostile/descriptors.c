// Opens files until it can no more.
// Must: be refused at the limit on open files.
// expect: exited 0
// limits: open_files=40
// without: resource_limits -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    int opened = 0;
    while (opened < 500 && open("/dev/null", O_RDONLY) >= 0) opened++;
    refused("more open files than allowed", opened < 40 ? -1 : 0);
    return through;
}
