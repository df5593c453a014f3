package shop;

/** A program of three files in a package: javac is given all of them, java is given this class. */
public class Main {
    public static void main(String[] args) {
        Cart cart = new Cart();
        cart.add(new Item("honey", 650), 2);
        cart.add(new Item("candle", 320), 1);
        cart.add(new Item("honey", 650), 1);
        cart.print();
    }
}
