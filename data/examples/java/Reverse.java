import java.util.Scanner;

/** Prints the lines of its standard input backwards, and says which read the same both ways. */
public class Reverse {
    public static void main(String[] args) {
        Scanner input = new Scanner(System.in);
        while (input.hasNextLine()) {
            String line = input.nextLine();
            String reversed = new StringBuilder(line).reverse().toString();
            System.out.println(reversed + (reversed.equals(line) ? "  (a palindrome)" : ""));
        }
    }
}
