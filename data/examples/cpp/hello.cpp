// The smallest program that says something.
#include <iostream>

int main()
{
    std::cout << "Hello from C++!\n";
}
