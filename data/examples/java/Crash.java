/** This program ends by an exception that nobody catches: the array has no element 3. */
public class Crash {
    private static int third(int[] numbers) {
        return numbers[3];
    }

    public static void main(String[] args) {
        int[] numbers = { 10, 20, 30 };

        System.out.println("There are " + numbers.length + " numbers.");
        System.out.println("The third is " + third(numbers));
    }
}
