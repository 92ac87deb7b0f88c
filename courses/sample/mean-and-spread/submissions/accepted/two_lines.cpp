#include <cmath>
#include <cstdio>

int main() {
    int n;
    if (std::scanf("%d", &n) != 1) return 1;
    long double mean = 0, squares = 0;
    for (int i = 1; i <= n; ++i) {
        long double number;
        if (std::scanf("%Lf", &number) != 1) return 1;
        const long double distance = number - mean;
        mean += distance / i;
        squares += distance * (number - mean);
    }
    std::printf("%.7Lf\n%.7Lf\n", mean, std::sqrt(squares / n));
}
