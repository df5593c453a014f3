package shop;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a customer wants to buy. */
public class Cart {
    private final Map<Item, Integer> quantities = new LinkedHashMap<>();

    public void add(Item item, int quantity) {
        quantities.merge(item, quantity, Integer::sum);
    }

    public int total() {
        int total = 0;
        for (Map.Entry<Item, Integer> entry : quantities.entrySet()) {
            total += entry.getKey().cents() * entry.getValue();
        }
        return total;
    }

    public void print() {
        quantities.forEach((item, quantity) ->
                System.out.printf("%d × %-8s%6d%n", quantity, item.name(), item.cents() * quantity));
        System.out.printf("%-12s%6d%n", "total", total());
    }
}
