"""This program has a mistake: Python refuses it before it runs a line of it."""

print("This is never printed.")

for number in range(3)
    print(number)
