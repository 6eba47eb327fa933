#pragma once
// Student's t distribution, for intervals from few units.

namespace alluvium {

// P(T <= t) with `degrees` > 0 degrees of freedom, through the regularised incomplete beta function
// (Abramowitz and Stegun 26.5.27 and 26.7.1). Absolute error below 1e-12.
double student_t_cdf(double t, double degrees);

// The t with P(T <= t) = p, 0 < p < 1.
double student_t_quantile(double p, double degrees);

}  // namespace alluvium
