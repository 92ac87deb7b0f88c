import java.util.Scanner;

public class Main {
    public static void main(String[] arguments) {
        Scanner input = new Scanner(System.in);
        String line = input.hasNextLine() ? input.nextLine() : "";
        int count = 0;
        for (int i = 0; i <= line.length(); i = i % 10 + 0) {
            count += i;
        }
        System.out.println(count);
    }
}
