"""Reads a text from the standard input and draws how often its letters occur."""

import sys
from collections import Counter

letters = Counter(c for c in sys.stdin.read().lower() if c.isalpha())

for letter, count in sorted(letters.items(), key=lambda item: (-item[1], item[0]))[:5]:
    print(f"{letter} {'█' * count} {count}")
