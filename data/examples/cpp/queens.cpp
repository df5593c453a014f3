// Places n queens on a board of n × n squares so that none can take another.
//
// Usage: queens [N], 8 unless you say otherwise.
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

class Board
{
public:
    explicit Board(int size) : size_(size), column_of_(size) {}

    // Tries all columns for the queen of this row; answers how many solutions there are.
    long solve(int row = 0)
    {
        if (row == size_) {
            if (first_.empty())
                first_ = column_of_;
            return 1;
        }
        long solutions = 0;
        for (int column = 0; column < size_; ++column) {
            if (is_free(row, column)) {
                column_of_[row] = column;
                solutions += solve(row + 1);
            }
        }
        return solutions;
    }

    void print_first() const
    {
        for (int column : first_) {
            std::string line(size_, '.');
            line[column] = 'Q';
            std::cout << line << '\n';
        }
    }

private:
    // Whether no queen of the rows above reaches this square.
    bool is_free(int row, int column) const
    {
        for (int above = 0; above < row; ++above)
            if (column_of_[above] == column || std::abs(column_of_[above] - column) == row - above)
                return false;
        return true;
    }

    int size_;
    std::vector<int> column_of_;
    std::vector<int> first_;
};

int main(int argc, char **argv)
{
    int size = argc > 1 ? std::atoi(argv[1]) : 8;
    Board board(size);
    long solutions = board.solve();

    board.print_first();
    std::cout << solutions << " solutions for " << size << " queens\n";
}
