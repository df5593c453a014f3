import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Adds up the numbers to ten million, each of four threads a quarter of them. */
public class Threads {
    private static final int THREADS = 4;
    private static final long LIMIT = 10_000_000;

    private static long sum(long from, long to) {
        long sum = 0;
        for (long n = from; n < to; n++) {
            sum += n;
        }
        return sum;
    }

    public static void main(String[] args) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        List<Future<Long>> parts = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            long from = i * LIMIT / THREADS;
            long to = (i + 1) * LIMIT / THREADS;
            parts.add(pool.submit(() -> sum(from, to)));
        }

        long total = 0;
        for (int i = 0; i < THREADS; i++) {
            long part = parts.get(i).get();
            System.out.println("Thread " + i + " found " + part);
            total += part;
        }
        pool.shutdown();
        System.out.println("Together: " + total);
    }
}
