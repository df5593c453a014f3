! Computes pi as the area under 4 / (1 + x²) between 0 and 1, in thin slices.
program compute_pi
  implicit none
  integer, parameter :: slices = 1000000
  integer :: i
  double precision :: x, width, area

  width = 1.0d0 / slices
  area = 0.0d0
  do i = 1, slices
    x = (i - 0.5d0) * width
    area = area + 4.0d0 / (1.0d0 + x * x) * width
  end do
  print '(a, f12.9)', 'pi is about', area
end program compute_pi
