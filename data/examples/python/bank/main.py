"""A program of two files: this one uses the class that account.py defines."""

from account import Account, NotEnoughMoney


def transfer(source, target, amount):
    source.withdraw(amount)
    target.deposit(amount)
    print(f"{source.owner} gives {amount} to {target.owner}")


ada = Account("Ada", 100)
alan = Account("Alan")

transfer(ada, alan, 60)
try:
    transfer(ada, alan, 60)
except NotEnoughMoney as error:
    print(f"Refused: {error}")
print(f"{ada.owner}: {ada.balance}, {alan.owner}: {alan.balance}")
