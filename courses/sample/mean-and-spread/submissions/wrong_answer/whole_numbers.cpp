#include <cmath>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<long long> numbers(n);
    long long sum = 0, squares = 0;
    for (auto &number : numbers) {
        std::cin >> number;
        sum += number;
    }
    for (auto number : numbers) squares += (number - sum / n) * (number - sum / n);
    std::cout.precision(12);
    std::cout << sum / n << ' ' << std::sqrt((double)squares / n) << '\n';
}
