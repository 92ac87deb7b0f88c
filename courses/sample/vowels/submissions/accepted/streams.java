import java.io.BufferedReader;
import java.io.InputStreamReader;

public class Main {
    public static void main(String[] arguments) {
        new BufferedReader(new InputStreamReader(System.in)).lines()
            .map(line -> line.chars().filter(c -> "aeiouAEIOU".indexOf(c) >= 0).count())
            .forEach(System.out::println);
    }
}
