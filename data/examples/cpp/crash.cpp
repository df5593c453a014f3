// This program ends by an exception that nobody catches: the vector has no element 3.
#include <iostream>
#include <vector>

int main()
{
    std::vector<int> numbers = {10, 20, 30};

    for (int i = 0; i <= 3; ++i)
        std::cout << numbers.at(i) << std::endl;
}
