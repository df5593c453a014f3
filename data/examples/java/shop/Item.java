package shop;

/** Something to buy, with its price in cents. */
public record Item(String name, int cents) {
    public Item {
        if (cents < 0) {
            throw new IllegalArgumentException(name + " can't cost less than nothing");
        }
    }
}
