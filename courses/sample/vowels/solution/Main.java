import java.util.Scanner;

public class Main {
    private static int countVowels(String line) {
        int count = 0;
        for (char letter : line.toLowerCase().toCharArray()) {
            if ("aeiou".indexOf(letter) >= 0) {
                count++;
            }
        }
        return count;
    }

    public static void main(String[] arguments) {
        Scanner input = new Scanner(System.in);
        while (input.hasNextLine()) {
            System.out.println(countVowels(input.nextLine()));
        }
    }
}
