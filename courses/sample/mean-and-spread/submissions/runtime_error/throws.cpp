#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> numbers;
    std::cout << numbers.at(n) << '\n';
}
