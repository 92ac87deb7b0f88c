#include <iostream>
#include <vector>

int main() {
    std::vector<std::vector<char>> rows;
    for (;;) rows.emplace_back(1 << 20, 'x');
    std::cout << rows.size() << '\n';
}
