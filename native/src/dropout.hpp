// Dropout masks from the random number generator Philox-4x32-10: the same masks as glassnet.net.dropout.
#pragma once

#include "simd.hpp"

namespace glassnet::GLASSNET_ISA {

// Factors for `count` neurons of one row from number `from` (a multiple of 4) on: 0 for a dropped activation,
// 1 / (1 - rate) for a kept one. Writes a multiple of 64 factors, so `factors` must hold round_up(count, 64).
template <class T>
void dropout_row(T* factors, Index from, Index count, double rate, std::uint64_t seed, Index step, Index layer, Index row) {
    constexpr int BLOCKS = 16;  // computed together, so that the compiler can use vectors
    const std::uint32_t threshold = std::uint32_t(std::uint64_t(rate * 4294967296.0));
    const T kept = T(1 / (1 - rate));
    for (Index first = 0; first < (count + 3) / 4; first += BLOCKS) {
        std::uint32_t c0[BLOCKS], c1[BLOCKS], c2[BLOCKS], c3[BLOCKS];
        for (int i = 0; i < BLOCKS; ++i) {
            c0[i] = std::uint32_t(from / 4 + first + i), c1[i] = std::uint32_t(row);
            c2[i] = std::uint32_t(layer), c3[i] = std::uint32_t(step);
        }
        std::uint32_t k0 = std::uint32_t(seed), k1 = std::uint32_t(seed >> 32);
        for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
            for (int i = 0; i < BLOCKS; ++i) {
                const std::uint64_t p0 = std::uint64_t(c0[i]) * 0xD2511F53u, p1 = std::uint64_t(c2[i]) * 0xCD9E8D57u;
                c0[i] = std::uint32_t(p1 >> 32) ^ c1[i] ^ k0, c1[i] = std::uint32_t(p1);
                c2[i] = std::uint32_t(p0 >> 32) ^ c3[i] ^ k1, c3[i] = std::uint32_t(p0);
            }
        }
        T* const to = factors + 4 * first;
        for (int i = 0; i < BLOCKS; ++i) {
            to[4 * i] = c0[i] >= threshold ? kept : T(0);
            to[4 * i + 1] = c1[i] >= threshold ? kept : T(0);
            to[4 * i + 2] = c2[i] >= threshold ? kept : T(0);
            to[4 * i + 3] = c3[i] >= threshold ? kept : T(0);
        }
    }
}

}  // namespace glassnet::GLASSNET_ISA
