import java.util.Scanner;

public class Main {
    public static void main(String[] arguments) {
        Scanner input = new Scanner(System.in);
        while (true) {
            System.out.println(input.nextLine().replaceAll("[^aeiouAEIOU]", "").length());
        }
    }
}
