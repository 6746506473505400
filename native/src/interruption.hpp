// How a call ends before its work is done.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

namespace glassnet {

// A call is interrupted when another thread sets the byte `stop`, or when `ask` returns true, which the calling thread
// calls every ASK_SECONDS. Loops that take long look at `requested()` in every pass and return early; the results are then
// not complete, and nobody uses them.
class Interruption {
  public:
    using Ask = bool (*)();
    static constexpr double ASK_SECONDS = 0.05;

    // Both may be null. To be made by the thread that makes the call.
    explicit Interruption(const unsigned char* stop = nullptr, Ask ask = nullptr);

    // Whether the call is to end; once it is, it stays so. Takes a few nanoseconds.
    bool requested();

  private:
    bool asks();

    const unsigned char* const stop_;
    const Ask ask_;
    const std::thread::id caller_;
    std::atomic<bool> requested_{false};
    unsigned calls_ = 0;  // by the caller
    std::chrono::steady_clock::time_point asked_;
};

}  // namespace glassnet
