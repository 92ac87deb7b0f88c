// tries: calls the runner's own main again, with a key of its own on standard input
// outcome: rejected
class Doubler {
    static int doubleOf(int x) {
        String input = "key 0 2\nzz\ncanary 4 6\npasstest_a\ncanary 4 6\nfailtest_b\nplace 4 1\npass0\nplace 4 1\nfail0\n";
        System.setIn(new java.io.ByteArrayInputStream(input.getBytes()));
        try {
            Class.forName("CarrelRunner").getMethod("main", String[].class).invoke(null, (Object) new String[] {"DoublerTest"});
        } catch (ReflectiveOperationException failure) {
            return 0;
        }
        return 0;
    }
}
