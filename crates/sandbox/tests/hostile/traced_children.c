// Children are stopped by ptrace requests and by signals, so that they cannot end by themselves.
// Must: PTRACE is refused; stopped children die with the run.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 0; i < 5; i++) if (fork() == 0) {
        refused("PTRACE_TRACEME", ptrace(PTRACE_TRACEME, 0, 0, 0));
        raise(SIGSTOP); _exit(0);
    }
    int status = 0;
    for (int i = 0; i < 5; i++) waitpid(-1, &status, WUNTRACED);
    return through;
}
