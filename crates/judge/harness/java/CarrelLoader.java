import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Loads the classes of the tests and of the learner. Both have one loader, since tests use what is visible in the
 * package only; what each may do is told apart by its origin (CarrelPolicy). A name of the tests is never the
 * learner's, nor is one of the jars or of the harness.
 */
@SuppressWarnings({"deprecation", "removal"})
final class CarrelLoader extends ClassLoader {
    private final Map<String, byte[]> tests;
    private final Map<String, byte[]> learner;
    /** Loaders of the jars and of the platform, asked for now: later that asks the policy again. */
    private final Set<ClassLoader> known = new HashSet<>();
    private final ProtectionDomain testsDomain;
    private final ProtectionDomain learnerDomain;

    CarrelLoader(Path tests, Path learner) throws IOException {
        super(CarrelLoader.class.getClassLoader());
        // Read now: later the learner's code may be on the stack, which may not read them.
        this.tests = read(tests);
        this.tests.keySet().removeIf(CarrelLoader::isHarness);
        this.learner = read(learner);
        for (ClassLoader loader = getParent(); loader != null; loader = loader.getParent()) known.add(loader);
        testsDomain = domain(tests);
        learnerDomain = domain(learner);
    }

    /** Whether code of this domain may do everything. */
    boolean trusts(ProtectionDomain domain) {
        if (domain == null || domain == testsDomain) return true;
        ClassLoader loader = domain.getClassLoader();
        // Not a loader of the learner's making.
        return loader == null || known.contains(loader);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) return loaded;
            byte[] code = tests.get(name);
            if (code != null) return defineClass(name, code, 0, code.length, testsDomain);
            return super.loadClass(name, resolve);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] code = learner.get(name);
        if (code == null) throw new ClassNotFoundException(name);
        return defineClass(name, code, 0, code.length, learnerDomain);
    }

    private static boolean isHarness(String name) {
        String outer = name.split("\\$", 2)[0];
        return outer.equals("CarrelRunner") || outer.equals("CarrelLoader") || outer.equals("CarrelPolicy");
    }

    private ProtectionDomain domain(Path directory) throws IOException {
        return new ProtectionDomain(new CodeSource(directory.toUri().toURL(), (java.security.cert.Certificate[]) null), null, this, null);
    }

    private static Map<String, byte[]> read(Path directory) throws IOException {
        Map<String, byte[]> classes = new HashMap<>();
        if (!Files.isDirectory(directory)) return classes;
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                String name = directory.relativize(path).toString();
                if (!name.endsWith(".class")) continue;
                classes.put(name.substring(0, name.length() - ".class".length()).replace('/', '.'), Files.readAllBytes(path));
            }
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
        return classes;
    }
}
