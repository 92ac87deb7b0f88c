// Reads every file of /usr/lib through the page cache, more than its memory.
// Must: end by itself: pages of files are given back, not told as a limit.
// expect: exited 0 | limit wall | limit cpu
// limits: memory_bytes=33554432 wall_ms=1500 cpu_ms=1000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    static char block[1 << 20];
    DIR *directory = opendir("/usr/bin");
    struct dirent *entry; char path[512]; long total = 0;
    while (directory && (entry = readdir(directory)) && total < 100 << 20) {
        snprintf(path, sizeof path, "/usr/bin/%s", entry->d_name);
        int file = open(path, O_RDONLY); long count;
        while (file >= 0 && (count = read(file, block, sizeof block)) > 0) total += count;
        if (file >= 0) close(file);
    }
    return through;
}
