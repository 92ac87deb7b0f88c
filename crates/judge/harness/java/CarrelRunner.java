import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Policy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs JUnit 4 and 5 tests through the JUnit platform and tells each result with the key. The key is a local
 * of one method's closure; the learner's classes may neither reflect on others nor read memory (CarrelPolicy).
 */
@SuppressWarnings({"deprecation", "removal"})
public final class CarrelRunner {
    private CarrelRunner() {}

    /** Writes records; see framework/transcript.rs. */
    private interface Channel {
        void emit(String verb, String... fields);
    }

    /** One case of the plan. */
    private static final class Item {
        final String name;
        final TestIdentifier identifier;

        Item(String name, TestIdentifier identifier) {
            this.name = name;
            this.identifier = identifier;
        }
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> input = readInput(new DataInputStream(System.in));
        Channel channel = open(input.remove("key:"));
        System.setIn(new java.io.ByteArrayInputStream(new byte[0]));
        int code = 0;
        try {
            confine();
            run(input, channel, arguments);
            channel.emit("end");
        } catch (Throwable failure) {
            channel.emit("author", "message", "the harness failed: " + failure);
        }
        Runtime.getRuntime().halt(code);
    }

    private static Map<String, String> readInput(DataInputStream in) throws IOException {
        Map<String, String> input = new HashMap<>();
        for (;;) {
            StringBuilder head = new StringBuilder();
            int character = in.read();
            while (character >= 0 && character != '\n') {
                head.append((char) character);
                character = in.read();
            }
            if (character < 0) return input;
            String[] words = head.toString().split(" ");
            byte[] name = new byte[Integer.parseInt(words[1])];
            in.readFully(name);
            byte[] content = new byte[Integer.parseInt(words[2])];
            in.readFully(content);
            in.read();
            input.put(words[0] + ":" + new String(name, StandardCharsets.UTF_8), new String(content, StandardCharsets.UTF_8));
        }
    }

    private static Channel open(String key) throws Exception {
        Constructor<FileDescriptor> constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
        constructor.setAccessible(true);
        OutputStream out = new FileOutputStream(constructor.newInstance(3));
        int[] sequence = {0};
        return (verb, fields) -> {
            StringBuilder record = new StringBuilder("\n").append(key).append(' ').append(sequence[0]++).append(' ').append(verb);
            for (int at = 0; at + 1 < fields.length; at += 2) {
                record.append(' ').append(fields[at]).append('=');
                encode(record, fields[at + 1] == null ? "" : fields[at + 1]);
            }
            record.append('\n');
            synchronized (sequence) {
                try {
                    out.write(record.toString().getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                } catch (IOException failure) {
                    Runtime.getRuntime().halt(70);
                }
            }
        };
    }

    private static void encode(StringBuilder record, String text) {
        String cut = text.length() > 60000 ? text.substring(0, 60000) : text;
        for (byte value : cut.getBytes(StandardCharsets.UTF_8)) {
            int unsigned = value & 255;
            boolean plain = unsigned < 128 && (Character.isLetterOrDigit(unsigned) || unsigned == '_' || unsigned == '.' || unsigned == '-');
            if (plain) record.append((char) unsigned);
            else record.append('%').append(Character.forDigit(unsigned >> 4, 16)).append(Character.forDigit(unsigned & 15, 16));
        }
    }

    /** From here on the learner's classes may do what CarrelPolicy says. */
    private static void confine() throws IOException {
        CarrelLoader loader = new CarrelLoader(Path.of("classes/tests"), Path.of("classes/learner"));
        Thread.currentThread().setContextClassLoader(loader);
        Policy.setPolicy(new CarrelPolicy(loader));
        System.setSecurityManager(new SecurityManager());
    }

    private static void run(Map<String, String> input, Channel channel, String[] classes) throws Exception {
        // Assertions are loaded from the jars before any class of the learner's could stand in for them.
        for (String name : new String[] {"org.junit.jupiter.api.Assertions", "org.junit.Assert", "org.opentest4j.AssertionFailedError"}) {
            try {
                Class.forName(name);
            } catch (ClassNotFoundException missing) {
                continue;
            }
        }
        Launcher launcher = LauncherFactory.create();
        LauncherDiscoveryRequestBuilder builder = LauncherDiscoveryRequestBuilder.request();
        for (String name : classes) builder.selectors(DiscoverySelectors.selectClass(name));
        if ("1".equals(input.get("option:include_skipped"))) {
            builder.configurationParameter("junit.jupiter.conditions.deactivate", "*");
        }
        LauncherDiscoveryRequest request = builder.build();
        TestPlan plan = launcher.discover(request);
        List<Item> items = new ArrayList<>();
        for (TestIdentifier root : plan.getRoots()) collect(plan, root, items);
        String only = input.get("option:only");
        if (only != null) items.removeIf(item -> !item.name.equals(only));
        if (items.isEmpty()) throw new IllegalStateException("no tests were found in " + String.join(", ", classes));
        List<Runnable> checks = canaries();
        String[] kinds = {"pass", "fail"};
        for (int kind = 0; kind < kinds.length; kind++) {
            int place = Integer.parseInt(input.get("place:" + kinds[kind])) * items.size() / 1000;
            items.add(place, new Item(input.get("canary:" + kinds[kind]), null));
        }
        List<String> fields = new ArrayList<>();
        for (Item item : items) {
            fields.add("name");
            fields.add(item.name);
        }
        channel.emit("plan", fields.toArray(new String[0]));
        PrintStream realOut = System.out;
        for (int at = 0; at < items.size(); at++) {
            channel.emit("start", "i", Integer.toString(at));
            ByteArrayOutputStream captured = new ByteArrayOutputStream();
            System.setOut(new PrintStream(captured, true, "UTF-8"));
            String[] result = items.get(at).identifier == null
                ? runCanary(checks.get(items.get(at).name.equals(input.get("canary:pass")) ? 0 : 1))
                : runCase(launcher, request, items.get(at).identifier);
            System.setOut(realOut);
            channel.emit("case", "i", Integer.toString(at), "status", result[0], "message", result[1], "output", captured.toString("UTF-8"));
        }
    }

    private static void collect(TestPlan plan, TestIdentifier at, List<Item> items) {
        if (at.isTest() || at.getUniqueId().contains("[test-template:") && !at.getUniqueId().contains("-invocation:")) {
            String parent = plan.getParent(at).map(TestIdentifier::getDisplayName).orElse("");
            items.add(new Item(parent + "." + at.getDisplayName().replaceAll("\\(\\)$", ""), at));
            return;
        }
        for (TestIdentifier child : plan.getChildren(at)) collect(plan, child, items);
    }

    private static List<Runnable> canaries() throws Exception {
        int number = new java.security.SecureRandom().nextInt(1 << 30);
        java.lang.reflect.Method check;
        try {
            check = Class.forName("org.junit.jupiter.api.Assertions").getMethod("assertEquals", Object.class, Object.class);
        } catch (ClassNotFoundException missing) {
            check = Class.forName("org.junit.Assert").getMethod("assertEquals", Object.class, Object.class);
        }
        java.lang.reflect.Method method = check;
        List<Runnable> checks = new ArrayList<>();
        for (int difference = 0; difference < 2; difference++) {
            int other = number + difference;
            checks.add(() -> {
                try {
                    method.invoke(null, List.of(number, "x"), List.of(other, "x"));
                } catch (java.lang.reflect.InvocationTargetException failure) {
                    throw new AssertionError(failure.getCause().getMessage());
                } catch (IllegalAccessException failure) {
                    throw new IllegalStateException(failure);
                }
            });
        }
        return checks;
    }

    private static String[] runCanary(Runnable check) {
        try {
            check.run();
            return new String[] {"passed", ""};
        } catch (AssertionError failure) {
            return new String[] {"failed", ""};
        }
    }

    /** Runs one case by its id, so that one that hangs leaves the results of those before. */
    private static String[] runCase(Launcher launcher, LauncherDiscoveryRequest all, TestIdentifier wanted) {
        List<String[]> results = new ArrayList<>();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectUniqueId(wanted.getUniqueId()))
            .configurationParameter("junit.jupiter.conditions.deactivate",
                all.getConfigurationParameters().get("junit.jupiter.conditions.deactivate").orElse(""))
            .build();
        try {
            launcher.execute(request, listener(results));
        } catch (Throwable failure) {
            // The framework itself stumbled over what the learner's code left behind.
            return new String[] {"errored", "the test could not be run: " + failure};
        }
        if (results.isEmpty()) return new String[] {"skipped", ""};
        for (String[] result : results) if (!result[0].equals("passed") && !result[0].equals("skipped")) return result;
        return results.get(0);
    }

    private static TestExecutionListener listener(List<String[]> results) {
        return new TestExecutionListener() {
            @Override
            public void executionSkipped(TestIdentifier identifier, String reason) {
                if (identifier.isTest()) results.add(new String[] {"skipped", reason});
            }

            @Override
            public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
                boolean passed = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
                if (identifier.isTest() || !passed) results.add(judge(result));
            }
        };
    }

    private static String[] judge(TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) return new String[] {"passed", ""};
        Throwable failure = result.getThrowable().orElse(null);
        // An assumption that fails inside the learner's code is no skip.
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            return new String[] {"errored", "the test was aborted: " + failure};
        }
        if (failure instanceof AssertionError) return new String[] {"failed", String.valueOf(failure.getMessage())};
        StringWriter text = new StringWriter();
        text.append(String.valueOf(failure));
        if (failure instanceof java.security.AccessControlException) text.append("; a class that is tested beside the tests may not do this");
        if (failure != null) {
            for (StackTraceElement frame : failure.getStackTrace()) {
                boolean ours = frame.getClassName().startsWith("org.junit") || frame.getClassName().startsWith("java.") || frame.getClassName().startsWith("jdk.");
                if (!ours) {
                    new PrintWriter(text, true).printf("%n    at %s:%d", frame.getFileName(), frame.getLineNumber());
                    break;
                }
            }
        }
        return new String[] {"errored", text.toString()};
    }
}
