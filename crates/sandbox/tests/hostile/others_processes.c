// Counts processes that /proc shows and that signals reach.
// Must: see itself only.
// expect: exited 0
// without: pids -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    DIR *directory = opendir("/proc");
    struct dirent *entry; int others = 0;
    while (directory && (entry = readdir(directory)))
        if (atoi(entry->d_name) > 0 && atoi(entry->d_name) != getpid()) others++;
    refused("another process in /proc", others ? 0 : -1);
    return through;
}
