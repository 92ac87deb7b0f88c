// tries: ends the process from within a call
// outcome: runtime_error
class Doubler {
    static int doubleOf(int x) { System.exit(0); return 0; }
}
