import java.io.FilePermission;
import java.io.IOException;
import java.lang.reflect.ReflectPermission;
import java.net.SocketPermission;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.AccessController;
import java.security.Permission;
import java.security.Policy;
import java.security.PrivilegedAction;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.PropertyPermission;
import java.util.Set;
import java.util.logging.LoggingPermission;

/**
 * What the learner's code may do while it shares a process with the tests: everything that an exercise needs, and
 * nothing that reaches into other classes, memory, files of the tests, loaders or other programs.
 */
@SuppressWarnings({"deprecation", "removal"})
final class CarrelPolicy extends Policy {
    /** Runtime permissions without power over the tests. Ending the process is seen, so it may be tried. */
    private static final Set<String> RUNTIME = Set.of("modifyThread", "setIO", "readFileDescriptor", "writeFileDescriptor");
    private static final List<String> RUNTIME_FAMILIES = List.of("exitVM", "getenv.");
    /** What is nobody's business: the kernel's files, the tests' classes and the harness. */
    private static final List<Path> CLOSED = List.of(
        Path.of("/proc"), Path.of("/sys"), Path.of("/dev"), Path.of("/tmp/.carrel"),
        Path.of("classes").toAbsolutePath(), Path.of(".carrel").toAbsolutePath());
    private static final List<Path> WRITABLE = List.of(Path.of("/tmp"), Path.of("").toAbsolutePath());
    private static final List<Path> DEVICES = List.of(Path.of("/dev/null"), Path.of("/dev/random"), Path.of("/dev/urandom"));

    private final CarrelLoader loader;

    CarrelPolicy(CarrelLoader loader) {
        this.loader = loader;
    }

    @Override
    public boolean implies(ProtectionDomain domain, Permission permission) {
        return loader.trusts(domain) || isHarmless(permission);
    }

    private static boolean isHarmless(Permission permission) {
        String name = permission.getName();
        if (permission instanceof FilePermission) return isOpen(name, permission.getActions());
        if (permission instanceof PropertyPermission) {
            return permission.getActions().equals("read") || name.equals("user.language") || name.equals("user.timezone");
        }
        if (permission instanceof RuntimePermission) {
            return RUNTIME.contains(name) || RUNTIME_FAMILIES.stream().anyMatch(name::startsWith);
        }
        if (permission instanceof ReflectPermission) return name.startsWith("newProxyInPackage.");
        return permission instanceof SocketPermission || permission instanceof LoggingPermission;
    }

    private static boolean isOpen(String name, String actions) {
        if (actions.contains("execute") || name.equals("<<ALL FILES>>")) return false;
        Path path;
        try {
            path = AccessController.doPrivileged((PrivilegedAction<Path>) () -> realPath(Path.of(name)));
        } catch (InvalidPathException strange) {
            return false;
        }
        if (DEVICES.contains(path)) return true;
        if (CLOSED.stream().anyMatch(path::startsWith)) return false;
        return actions.equals("read") || WRITABLE.stream().anyMatch(path::startsWith);
    }

    /** Without links and `..`, as far as it exists. */
    private static Path realPath(Path path) {
        Path rest = Path.of("");
        for (Path at = path.toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.exists(at) || Files.isSymbolicLink(at)) {
                try {
                    return at.toRealPath().resolve(rest).normalize();
                } catch (IOException dangling) {
                    return Path.of("/proc");
                }
            }
            Path last = at.getFileName();
            if (last != null) rest = last.resolve(rest);
        }
        return path.toAbsolutePath().normalize();
    }
}
