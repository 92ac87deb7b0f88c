// Writes to what /proc has of itself: id maps, clock offsets, security attributes, scheduling and memory settings.
// Must: be refused where it would gain something.
// expect: exited 0
#include "hostile.h"

static void try(const char *path, const char *text) {
    int file = open(path, O_WRONLY);
    if (file < 0) return;
    refused(path, write(file, text, strlen(text)));
    close(file);
}

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    try("/proc/self/uid_map", "0 0 1\n");
    try("/proc/self/gid_map", "0 0 1\n");
    try("/proc/self/setgroups", "allow");
    try("/proc/self/timens_offsets", "monotonic 1000 0\n");
    try("/proc/self/attr/exec", "unconfined");
    try("/proc/self/attr/current", "unconfined");
    try("/proc/self/loginuid", "0");
    try("/proc/self/fail-nth", "1");
    try("/proc/self/latency", "0");
    try("/proc/1/oom_score_adj", "1000");
    try("/proc/1/clear_refs", "1");
    try("/proc/1/comm", "mine");
    try("/proc/1/mem", "x");
    return through;
}
