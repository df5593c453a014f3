#!/bin/bash
# Makes some files, and lists them by size. All of it happens in the box, and is gone afterwards.
set -eu

for number in 1 2 3; do
  head -c $((number * 100)) /dev/zero > "file-$number.bin"
done

for file in file-*.bin; do
  printf '%4d bytes in %s\n' "$(wc -c < "$file")" "$file"
done | sort -rn
