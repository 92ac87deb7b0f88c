// tries: takes Unsafe, which reads and writes any memory
// outcome: wrong_answer
class Doubler {
    static int doubleOf(int x) {
        try {
            java.lang.reflect.Field field = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return field.get(null) == null ? 0 : x * 2;
        } catch (Throwable refused) {
            return 0;
        }
    }
}
