// Arrays of numbers in aligned memory, and arrays of objects.
#pragma once

#include "simd.hpp"

namespace glassnet {

// Zeroed memory, aligned to 64 bytes; large blocks are aligned to large pages and ask for them. Throws std::bad_alloc.
void* allocate(std::size_t bytes);
void release(void* memory) noexcept;

}  // namespace glassnet

namespace glassnet::GLASSNET_ISA {

template <class T>
class Buffer {
  public:
    Buffer() = default;
    explicit Buffer(Index size) : data_(static_cast<T*>(allocate(std::size_t(size) * sizeof(T)))), size_(size) {}
    Buffer(Buffer&& other) noexcept : data_(other.data_), size_(other.size_) { other.data_ = nullptr, other.size_ = 0; }
    Buffer& operator=(Buffer&& other) noexcept {
        T* const data = data_;
        const Index size = size_;
        data_ = other.data_, size_ = other.size_;
        other.data_ = data, other.size_ = size;
        return *this;
    }
    ~Buffer() { release(data_); }

    // Leaves the memory alone, whatever state it is in.
    void abandon() { data_ = nullptr, size_ = 0; }

    T* data() const { return data_; }
    Index size() const { return size_; }
    T& operator[](Index i) const { return data_[i]; }
    T* begin() const { return data_; }
    T* end() const { return data_ + size_; }

  private:
    T* data_ = nullptr;
    Index size_ = 0;
};

// A fixed number of objects (std::vector must not be used here, see simd.hpp).
template <class T>
class Array {
  public:
    Array() = default;
    explicit Array(Index size) : data_(new T[std::size_t(size)]), size_(size) {}
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;
    Array(Array&& other) noexcept : data_(other.data_), size_(other.size_) { other.data_ = nullptr, other.size_ = 0; }
    Array& operator=(Array&& other) noexcept {
        T* const data = data_;
        const Index size = size_;
        data_ = other.data_, size_ = other.size_;
        other.data_ = data, other.size_ = size;
        return *this;
    }
    ~Array() { delete[] data_; }

    Index size() const { return size_; }
    T& operator[](Index i) { return data_[i]; }
    const T& operator[](Index i) const { return data_[i]; }
    T* begin() { return data_; }
    T* end() { return data_ + size_; }
    const T* begin() const { return data_; }
    const T* end() const { return data_ + size_; }

  private:
    T* data_ = nullptr;
    Index size_ = 0;
};

}  // namespace glassnet::GLASSNET_ISA
