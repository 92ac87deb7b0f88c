// tries: is right, and uses what exercises use: threads, files, reflection on itself, proxies, clocks, formats
// outcome: accepted
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.ObjectOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

class Doubler {
    record Pair(int one, int two) {}
    interface Twice { int of(int x); }
    enum Kind { SUM }
    private static final java.util.logging.Logger LOG = java.util.logging.Logger.getLogger("doubler");
    private int hidden;

    static int doubleOf(int x) {
        try {
            return reckon(x);
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static int reckon(int x) throws Exception {
        LOG.setLevel(java.util.logging.Level.SEVERE);
        Locale.setDefault(Locale.ROOT);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        int sum = pool.submit(() -> x + x).get();
        pool.shutdown();
        Thread thread = new Thread(() -> System.err.println("in a thread"));
        thread.setDaemon(true);
        thread.start();
        thread.join();
        sum += CompletableFuture.supplyAsync(() -> 0).get();
        sum += IntStream.range(0, 100).parallel().map(i -> 0).sum();
        Path file = Files.createTempFile("doubler", ".txt");
        Files.writeString(file, "text");
        Files.readAllLines(file).forEach(System.out::println);
        Files.delete(file);
        Files.writeString(Path.of("notes.txt"), "mine");
        new File("notes.txt").delete();
        for (var field : Doubler.class.getDeclaredFields()) System.out.println(field);
        var own = Doubler.class.getDeclaredConstructor().newInstance();
        own.hidden = 1;
        Twice twice = (Twice) java.lang.reflect.Proxy.newProxyInstance(Doubler.class.getClassLoader(), new Class<?>[] {Twice.class},
            (proxy, method, arguments) -> 2 * (int) arguments[0]);
        sum += twice.of(0);
        System.out.println(String.format("%.2f %s %s %s", 1.5, new Pair(1, 2), Kind.SUM, LocalDate.now()));
        System.out.println(Pattern.compile("a+").matcher("aaa").matches() + System.getProperty("line.separator") + System.getenv("HOME"));
        System.out.println(new Random(1).nextInt() + " " + List.of(3, 1, 2).stream().sorted().toList() + " " + Math.random());
        new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(List.of("x"));
        new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out)).println("fast");
        IntUnaryOperator none = y -> y;
        return none.applyAsInt(sum);
    }
}
