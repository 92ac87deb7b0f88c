#include <cmath>
#include <iomanip>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<double> numbers(n);
    double sum = 0;
    for (double &number : numbers) {
        std::cin >> number;
        sum += number;
    }
    const double mean = sum / n;
    double squares = 0;
    for (const double number : numbers) {
        squares += (number - mean) * (number - mean);
    }
    std::cout << std::setprecision(12) << mean << ' ' << std::sqrt(squares / n) << '\n';
}
