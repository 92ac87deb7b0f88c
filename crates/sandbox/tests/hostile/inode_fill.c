// Makes 5000 empty files where 200 are allowed.
// Must: be stopped by the limit on inodes, and the report says that the disk was full.
// expect: exited 0
// limits: inodes=200
// full: yes
// without: tmpfs -> exited 1; full: no
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    char name[32]; int made = 0;
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "/work/%d", i);
        int file = open(name, O_CREAT | O_WRONLY, 0600);
        if (file >= 0) { made++; close(file); }
    }
    refused("more inodes than allowed", made < 300 ? -1 : 0);
    return through;
}
