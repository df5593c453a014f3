"""The smallest program that says something."""

print("Hello from Python!")
