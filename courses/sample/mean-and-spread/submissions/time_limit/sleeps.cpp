#include <chrono>
#include <thread>

int main() {
    // No processor time at all: the clock on the wall ends it.
    std::this_thread::sleep_for(std::chrono::hours(1));
}
