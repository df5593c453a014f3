/** This program has a mistake: a variable that nobody declared. Look at what the compiler says. */
public class CompileError {
    public static void main(String[] args) {
        int sum = 0;
        for (int i = 1; i <= 10; i++) {
            sum += i;
        }
        System.out.println("The sum is " + summ);
    }
}
