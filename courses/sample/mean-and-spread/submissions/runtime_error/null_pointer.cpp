#include <iostream>

int main() {
    int n;
    std::cin >> n;
    volatile int *numbers = nullptr;
    for (int i = 0; i < n; ++i) numbers[i] = i;
    std::cout << numbers[0] << '\n';
}
