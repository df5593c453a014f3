#include "shape.h"

#include <numbers>

std::string Circle::name() const
{
    return "circle";
}

double Circle::area() const
{
    return std::numbers::pi * radius_ * radius_;
}

std::string Rectangle::name() const
{
    return width_ == height_ ? "square" : "rectangle";
}

double Rectangle::area() const
{
    return width_ * height_;
}
