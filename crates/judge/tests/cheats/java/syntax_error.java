// tries: does not compile
// outcome: compile_error
class Doubler {
    static int doubleOf(int x) { return x * ; }
}
