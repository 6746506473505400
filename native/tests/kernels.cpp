// Compares the kernels of one instruction set with plain loops: widths from 1 to 130, batches from 1 to 70 rows.
// Each matrix has memory of its own, so that the address sanitizer finds accesses outside it.
#include "passes.hpp"

#include <vector>

#include "check.hpp"

namespace glassnet::GLASSNET_ISA {
namespace {

template <class T>
double tolerance(Index terms) {
    return (sizeof(T) == 4 ? 1e-6 : 1e-14) * double(terms + 8);
}

template <class T>
struct Matrix {  // panels with memory of their own, and the same numbers in a plain vector
    Index rows, columns;
    Buffer<T> memory;
    Panels<T> panels;
    std::vector<T> plain;

    Matrix(Index rows_, Index columns_)
        : rows(rows_), columns(columns_), memory(Panels<T>::size(rows_, columns_)),
          panels{memory.data(), rows_, round_up(columns_, LANES<T>)}, plain(std::size_t(rows_ * columns_)) {}

    void randomize() {
        for (Index r = 0; r < rows; ++r) {
            for (Index c = 0; c < columns; ++c) *panels.at(r, c) = at(r, c) = random_number<T>();
        }
    }
    T& at(Index r, Index c) { return plain[std::size_t(r * columns + c)]; }
};

template <class T>
void test_packing(Index inputs, Index outputs) {
    const StripLayout<T> layout{inputs + 1, round_up(outputs, LANES<T>)}, transposed_layout{round_up(outputs, LANES<T>), round_up(inputs, LANES<T>)};
    Buffer<T> packed(layout.size()), transposed(transposed_layout.size());
    std::vector<T> flat(std::size_t((inputs + 1) * outputs)), back(flat.size());
    for (T& x : flat) x = random_number<T>();
    pack(layout, outputs, flat.data(), packed.data());
    unpack(layout, outputs, packed.data(), back.data());
    CHECK(flat == back, "%ld x %ld", long(inputs), long(outputs));
    for (Index strip = 0; strip < layout.count(); ++strip) {
        for (Index row = 0; row < layout.rows; row += LANES<T>) {
            transpose_strip(layout, packed.data(), strip, row, minimum<Index>(row + LANES<T>, layout.rows), inputs, transposed_layout, transposed.data());
        }
    }
    for (Index i = 0; i < transposed_layout.columns; ++i) {
        for (Index o = 0; o < outputs; ++o) {
            const T got = transposed[transposed_layout.offset(i / STRIP<T>, o) + i % STRIP<T>];
            const T wanted = i < inputs ? flat[std::size_t(i * outputs + o)] : T(0);
            CHECK(got == wanted, "transposed %ld, %ld of %ld x %ld", long(i), long(o), long(inputs), long(outputs));
        }
    }
}

template <class T>
void test_products(Index inputs, Index outputs, Index rows) {
    Matrix<T> a(rows, inputs + 1), deltas(rows, outputs), c(rows, outputs);
    a.randomize(), deltas.randomize();
    const StripLayout<T> layout{inputs + 1, round_up(outputs, LANES<T>)};
    Buffer<T> weights(layout.size()), gradient(layout.size());
    std::vector<T> flat(std::size_t((inputs + 1) * outputs)), got(flat.size());
    for (T& x : flat) x = random_number<T>();
    pack(layout, outputs, flat.data(), weights.data());

    const Index middle = random_between(0, rows);
    Interruption interruption;
    for (const auto& [begin, end] : {std::pair<Index, Index>{0, middle}, {middle, rows}}) {
        if (begin == end) continue;
        multiply_rows(a.panels, inputs + 1, layout, weights.data(), c.panels, begin, end, weights.data(), interruption, [](Index) {});
    }
    for (Index r = 0; r < rows; ++r) {
        for (Index o = 0; o < outputs; ++o) {
            double sum = 0;
            for (Index i = 0; i <= inputs; ++i) sum += double(a.at(r, i)) * double(flat[std::size_t(i * outputs + o)]);
            CHECK(std::abs(*c.panels.at(r, o) - sum) < tolerance<T>(inputs), "product %ld, %ld", long(r), long(o));
        }
    }

    Layer<T> layer;
    layer.layout = layout;
    for (Index strip = 0; strip < layout.count(); ++strip) {
        for (Index begin = 0; begin < layout.rows; begin += PANEL<T>) {
            weight_gradient(layer, a.panels, deltas.panels, strip, begin, minimum<Index>(begin + PANEL<T>, layout.rows), {0, rows},
                            gradient.data() + layout.offset(strip, begin), false, {a.panels.data, deltas.panels.data}, [] {});
        }
    }
    unpack(layout, outputs, gradient.data(), got.data());
    for (Index i = 0; i <= inputs; ++i) {
        for (Index o = 0; o < outputs; ++o) {
            double sum = 0;
            for (Index r = 0; r < rows; ++r) sum += double(a.at(r, i)) * double(deltas.at(r, o));
            CHECK(std::abs(got[std::size_t(i * outputs + o)] - sum) < tolerance<T>(rows), "gradient %ld, %ld", long(i), long(o));
        }
    }
}

template <class T>
void test_function(const char* name, Vec<T> (*ours)(Vec<T>), double (*exact)(double), double low, double high) {
    const double allowed = 3 * (sizeof(T) == 4 ? 1.2e-7 : 2.2e-16);  // units in the last place
    double worst = 0;
    for (int trial = 0; trial < 20000; ++trial) {
        alignas(64) T x[LANES<T>], y[LANES<T>];
        const double share = (random_number<double>() + 1) / 2;
        for (T& at : x) at = T(trial % 2 ? low + (high - low) * share : low + (high - low) * std::pow(share, 20));
        store(y, ours(load(x)));
        const double wanted = exact(double(x[0]));
        if (std::abs(wanted) > 1e-30) worst = std::max(worst, std::abs(double(y[0]) - wanted) / std::abs(wanted));
    }
    CHECK(worst <= allowed, "%s: relative error %.3g", name, worst);
    alignas(64) T nan[LANES<T>];
    for (T& at : nan) at = T(NAN);
    store(nan, ours(load(nan)));
    CHECK(std::isnan(nan[0]), "%s of NaN", name);
}

template <class T>
void test_functions() {
    test_function<T>("exp", exp_of<T>, [](double x) { return std::exp(x); }, -80, 60);
    test_function<T>("expm1", expm1_of<T>, [](double x) { return std::expm1(x); }, -80, 0);
    test_function<T>("expm1 near 0", expm1_of<T>, [](double x) { return std::expm1(x); }, 0, 1e-3);
    test_function<T>("log", log_of<T>, [](double x) { return std::log(x); }, 1e-12, 0.9);
    test_function<T>("log", log_of<T>, [](double x) { return std::log(x); }, 1.1, 1e9);
    test_function<T>("log1p", log1p_of_unit<T>, [](double x) { return std::log1p(x); }, 0, 1);
    test_function<T>("tanh", tanh_of<T>, [](double x) { return std::tanh(x); }, -25, 25);
    test_function<T>("tanh near 0", tanh_of<T>, [](double x) { return std::tanh(x); }, 0, 0.1);
    test_function<T>("sigmoid", sigmoid_of<T>, [](double x) { return 1 / (1 + std::exp(-x)); }, -60, 60);
    for (T x : {T(-1e4), T(1e4)}) {
        CHECK(first_of<T>(exp_of<T>(broadcast<T>(-std::abs(x)))) == 0, "exp far below 0");
        CHECK(first_of<T>(tanh_of<T>(broadcast<T>(x))) == (x < 0 ? -1 : 1), "tanh far from 0");
        CHECK(first_of<T>(sigmoid_of<T>(broadcast<T>(x))) == (x < 0 ? 0 : 1), "sigmoid far from 0");
    }
    test_function<T>("square root", square_root, [](double x) { return std::sqrt(x); }, 1e-30, 1e30);
    test_function<T>("quotient", [](Vec<T> x) { return quotient(broadcast<T>(T(3)), x); }, [](double x) { return 3 / x; }, 1e-30, 1e30);
    CHECK(first_of<T>(log_of<T>(broadcast<T>(T(INFINITY)))) == T(INFINITY), "log of infinity");
    CHECK(first_of<T>(square_root(zero<T>())) == 0, "root of 0");
    CHECK(first_of<T>(square_root(broadcast<T>(T(INFINITY)))) == T(INFINITY), "root of infinity");
    CHECK(std::isnan(first_of<T>(square_root(broadcast<T>(T(NAN))))), "root of NaN");
    CHECK(first_of<T>(quotient(broadcast<T>(T(3)), broadcast<T>(T(INFINITY)))) == 0, "quotient by infinity");
    CHECK(std::isnan(first_of<T>(quotient(broadcast<T>(T(INFINITY)), broadcast<T>(T(INFINITY))))), "quotient of infinities");
    CHECK(std::isnan(first_of<T>(quotient(broadcast<T>(T(3)), broadcast<T>(T(NAN))))), "quotient by NaN");
    alignas(64) T numbers[LANES<T>];
    T sum = 0;
    for (int i = 0; i < LANES<T>; ++i) sum += numbers[i] = T(i * i);
    CHECK(sum_of<T>(load(numbers)) == sum, "sum of lanes");
    CHECK(maximum_of<T>(load(numbers)) == numbers[LANES<T> - 1], "maximum of lanes");
}

// The known answer of Philox-4x32-10 for counter 0 and key 0: 6627e8d5 e169c58d bc57ac4c 9b00dbd8.
template <class T>
void test_dropout() {
    T factors[64];
    for (double rate : {0.0, 0.3, 0.5, 0.7, 0.8, 0.9}) {
        dropout_row<T>(factors, 0, 4, rate, 0, 0, 0, 0);
        int i = 0;
        for (std::uint32_t word : {0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}) {
            const T wanted = word >= rate * 4294967296.0 ? T(1 / (1 - rate)) : T(0);
            CHECK(factors[i] == wanted, "word %d at rate %g", i, rate);
            ++i;
        }
    }
}

template <class T>
void test() {
    test_functions<T>();
    test_dropout<T>();
    for (Index width = 1; width <= 130; ++width) {
        test_packing<T>(width, random_between(1, 130));
        test_packing<T>(random_between(1, 130), width);
        test_products<T>(width, random_between(1, 130), random_between(1, 70));
        test_products<T>(random_between(1, 130), width, random_between(1, 70));
    }
    for (Index rows = 1; rows <= 70; ++rows) test_products<T>(random_between(1, 130), random_between(1, 130), rows);
    test_products<T>(700, 200, 300);  // more terms and rows than a product takes at a time
}

}  // namespace
}  // namespace glassnet::GLASSNET_ISA

int main() {
    glassnet::GLASSNET_ISA::test<float>();
    glassnet::GLASSNET_ISA::test<double>();
    return failures != 0;
}
