// Shapes that know their area.
#pragma once

#include <string>

class Shape
{
public:
    virtual ~Shape() = default;
    virtual std::string name() const = 0;
    virtual double area() const = 0;
};

class Circle : public Shape
{
public:
    explicit Circle(double radius) : radius_(radius) {}
    std::string name() const override;
    double area() const override;

private:
    double radius_;
};

class Rectangle : public Shape
{
public:
    Rectangle(double width, double height) : width_(width), height_(height) {}
    std::string name() const override;
    double area() const override;

private:
    double width_;
    double height_;
};
