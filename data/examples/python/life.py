"""Conway's game of life: cells live, die and are born by the number of their neighbours.

Usage: life.py [GENERATIONS], 4 unless you say otherwise.
"""

import sys
from collections import Counter

# A glider: after four generations it is the same again, one step further right and down.
GLIDER = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
SIZE = 6


def next_generation(cells):
    """Says which cells live after those in `cells`."""
    neighbours = Counter(
        (x + dx, y + dy)
        for x, y in cells
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
        if (dx, dy) != (0, 0)
    )
    return {cell for cell, n in neighbours.items() if n == 3 or (n == 2 and cell in cells)}


def draw(cells):
    for y in range(SIZE):
        print("".join("■" if (x, y) in cells else "·" for x in range(SIZE)))


def main():
    generations = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    cells = GLIDER
    draw(cells)
    for _ in range(generations):
        cells = next_generation(cells)
    print(f"after {generations} generations:")
    draw(cells)


if __name__ == "__main__":
    main()
