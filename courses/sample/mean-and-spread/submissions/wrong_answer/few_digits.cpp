#include <cmath>
#include <cstdio>
#include <vector>

int main() {
    int n;
    if (std::scanf("%d", &n) != 1) return 1;
    std::vector<double> numbers(n);
    double sum = 0, squares = 0;
    for (double &number : numbers) {
        if (std::scanf("%lf", &number) != 1) return 1;
        sum += number;
    }
    for (double number : numbers) squares += (number - sum / n) * (number - sum / n);
    std::printf("%.2f %.2f\n", sum / n, std::sqrt(squares / n));
}
