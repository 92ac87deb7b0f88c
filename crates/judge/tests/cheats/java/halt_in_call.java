// tries: ends the process below exit
// outcome: runtime_error
class Doubler {
    static int doubleOf(int x) { Runtime.getRuntime().halt(0); return 0; }
}
