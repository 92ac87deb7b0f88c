#include <iostream>

int main() {
    std::cout << "nan nan\n";
}
