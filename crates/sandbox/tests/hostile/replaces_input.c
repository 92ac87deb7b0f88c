// Overwrites, removes and replaces a file that was placed read-only beside it.
// Must: be refused.
// expect: exited 0
// without: credentials -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    refused("open for writing", open("/work/held/readonly", O_WRONLY));
    refused("remove", unlink("/work/held/readonly"));
    refused("rename over", rename("/work/program", "/work/held/readonly"));
    refused("change mode", chmod("/work/held/readonly", 0777));
    refused("rename its directory", rename("/work/held", "/work/other"));
    return through;
}
