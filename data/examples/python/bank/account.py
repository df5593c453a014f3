"""A bank account."""


class NotEnoughMoney(Exception):
    """Raised when more is taken out than there is."""


class Account:
    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance

    def deposit(self, amount):
        self.balance += amount

    def withdraw(self, amount):
        if amount > self.balance:
            raise NotEnoughMoney(f"{self.owner} has {self.balance} and wants {amount}")
        self.balance -= amount
