// Reports failed checks and counts them; random numbers.
#pragma once

#include <cmath>
#include <cstdio>
#include <random>

inline int failures = 0;

#define CHECK(condition, ...)                                          \
    do {                                                               \
        if (!(condition)) {                                            \
            ++failures;                                                \
            std::printf("%s:%d: " #condition ": ", __FILE__, __LINE__); \
            std::printf(__VA_ARGS__);                                  \
            std::printf("\n");                                         \
        }                                                              \
    } while (false)

inline std::mt19937& generator() {
    static std::mt19937 numbers(12345);
    return numbers;
}

template <class T>
T random_number() {
    return std::uniform_real_distribution<T>(T(-1), T(1))(generator());
}

inline long random_between(long low, long high) {
    return std::uniform_int_distribution<long>(low, high)(generator());
}
