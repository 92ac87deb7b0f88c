// tries: reads the classes of the tests, its own memory, the harness and the report channel as files, also by other names
// outcome: wrong_answer
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

class Doubler {
    static int opened;

    static int doubleOf(int x) {
        String[] names = {
            "classes/tests/DoublerTest.class", "/work/classes/tests/DoublerTest.class", "./x/../classes/tests/DoublerTest.class",
            "classes/tests/CarrelRunner.class", "classes/runner/CarrelRunner.class", "/proc/self/mem", "/proc/self/maps", "/proc/self/fd/3", "/dev/fd/3", "/dev/../proc/self/environ",
        };
        for (String name : names) {
            try (FileInputStream in = new FileInputStream(name)) {
                opened++;
            } catch (Throwable refused) {
                // Goes on with the next.
            }
            try (FileOutputStream out = new FileOutputStream(name)) {
                opened++;
            } catch (Throwable refused) {
                // Goes on with the next.
            }
            try {
                Path link = Path.of("link" + Math.abs(name.hashCode()));
                Files.createSymbolicLink(link, Path.of(name).toAbsolutePath());
                opened += Files.readAllBytes(link).length + 1;
            } catch (Throwable refused) {
                // Goes on with the next.
            }
        }
        if (Doubler.class.getResourceAsStream("/DoublerTest.class") != null) opened++;
        return opened > 0 ? x * 2 : 0;
    }
}
