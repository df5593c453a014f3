// A program of three files: different shapes in one list, each computing its area in its own way.
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <memory>
#include <vector>

#include "shape.h"

int main()
{
    std::vector<std::unique_ptr<Shape>> shapes;
    shapes.push_back(std::make_unique<Circle>(2));
    shapes.push_back(std::make_unique<Rectangle>(3, 3));
    shapes.push_back(std::make_unique<Rectangle>(2, 5.5));

    std::sort(shapes.begin(), shapes.end(),
              [](const auto &a, const auto &b) { return a->area() < b->area(); });
    for (const auto &shape : shapes)
        std::cout << std::setw(10) << std::left << shape->name() << std::fixed
                  << std::setprecision(2) << shape->area() << '\n';
}
