#include <iostream>

int main() {
    int n;
    std::cin >> n;
    volatile double sum = 0;
    for (int i = 0; i < n; i += 0) sum = sum + i;
    std::cout << sum << '\n';
}
