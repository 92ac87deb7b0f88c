// Many small processes, each asking to be the last to be killed for memory, fill it together.
// Must: be told as the memory limit; no process of ours is the one that dies, the next run works.
// expect: limit memory
// limits: memory_bytes=50331648 processes=30
// without: landlock -> limit memory
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    int file = open("/proc/self/oom_score_adj", O_WRONLY);
    if (file >= 0) { if (write(file, "0", 1) < 0) perror("oom_score_adj"); close(file); }
    for (int i = 0; i < 25; i++) if (fork() == 0) break;
    char *block = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block != MAP_FAILED) memset(block, 1, 4 << 20);
    for (;;) pause();
    return through;
}
