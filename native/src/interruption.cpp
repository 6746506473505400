#include "interruption.hpp"

namespace glassnet {

namespace {

constexpr unsigned CALLS = 8;  // without a look at the clock

}  // namespace

Interruption::Interruption(const unsigned char* stop, Ask ask)
    : stop_(stop), ask_(ask), caller_(std::this_thread::get_id()), asked_(ask ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point()) {}

bool Interruption::requested() {
    if (requested_.load(std::memory_order_relaxed)) return true;
    if ((stop_ && *static_cast<const volatile unsigned char*>(stop_)) || (ask_ && asks())) {
        requested_.store(true, std::memory_order_relaxed);
        return true;
    }
    return false;
}

bool Interruption::asks() {
    if (std::this_thread::get_id() != caller_ || ++calls_ % CALLS != 0) return false;
    const auto now = std::chrono::steady_clock::now();
    if (now - asked_ < std::chrono::duration<double>(ASK_SECONDS)) return false;
    const bool interrupted = ask_();
    asked_ = std::chrono::steady_clock::now();
    return interrupted;
}

}  // namespace glassnet
