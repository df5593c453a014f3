// This program has a mistake: a string is no number. Look at what the compiler says about it.
#include <iostream>
#include <string>

int twice(int number)
{
    return 2 * number;
}

int main()
{
    std::string text = "21";

    std::cout << twice(text) << '\n';
}
