// tries: is wrong, honestly
// outcome: wrong_answer
class Doubler {
    static int doubleOf(int x) { return 0; }
}
