// A hard link to a file of the environment lies where a result file is expected.
// Must: not be possible: other mount; the path is absent.
// expect: exited 0
// collect: result
// collected: absent
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("hard link to /etc/passwd", link("/etc/passwd", "result"));
    refused("hard link over /proc", linkat(AT_FDCWD, "/proc/self/exe", AT_FDCWD, "result", AT_SYMLINK_FOLLOW) ? -1 : -1);
    unlink("result");
    return through;
}
