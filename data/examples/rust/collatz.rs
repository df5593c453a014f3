// Finds the number below a limit whose Collatz sequence is the longest: halve what is even,
// triple what is odd and add one, until 1 is reached.
//
// Usage: collatz [LIMIT], 100000 unless you say otherwise.

fn steps(mut n: u64) -> u32 {
    let mut count = 0;
    while n != 1 {
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        count += 1;
    }
    count
}

fn main() {
    let limit: u64 = match std::env::args().nth(1) {
        Some(text) => text.parse().expect("the limit is a whole number"),
        None => 100_000,
    };
    let best = (1..limit).max_by_key(|&n| (steps(n), std::cmp::Reverse(n))).unwrap_or(1);

    println!("Below {} the longest way to 1 has {}: {} steps.", limit, best, steps(best));
}
