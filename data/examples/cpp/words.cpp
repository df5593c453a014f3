// Counts the words of its standard input and prints the most frequent ones.
#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>

int main()
{
    std::map<std::string, int> counts;
    std::string word;
    while (std::cin >> word)
        ++counts[word];

    std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    for (std::size_t i = 0; i < sorted.size() && i < 3; ++i)
        std::cout << sorted[i].second << " × " << sorted[i].first << '\n';
}
