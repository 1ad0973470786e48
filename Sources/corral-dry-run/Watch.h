// Bounds what this process may take, so that a state too large for the machine, or a file made to
// be endless, ends this process and nothing else.
#pragma once

#include "Answer.h"

#include <sys/resource.h>
#include <unistd.h>
#if defined(__linux__)
#include <signal.h>
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace corral {

/// The memory this process really holds, in bytes; 0 where the system does not tell.
inline uint64_t residentBytes() {
#if defined(__linux__)
    // Not ru_maxrss, which begins at what the process that started this one held.
    uint64_t size = 0, resident = 0;
    if (FILE *file = fopen("/proc/self/statm", "r")) {
        if (fscanf(file, "%" SCNu64 " %" SCNu64, &size, &resident) != 2) resident = 0;
        fclose(file);
    }
    return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
#elif defined(__APPLE__)
    rusage usage{};
    return getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<uint64_t>(usage.ru_maxrss) : 0;
#else
    return 0;
#endif
}

/// Bounds this process.
///
/// `bytes` bounds the memory really held; `seconds` the time, should whoever started this process
/// not end it. 0 sets no bound.
inline void bound(uint64_t bytes, unsigned seconds) {
    auto limit = [](auto resource, uint64_t value) {
        const rlimit limits{static_cast<rlim_t>(value), static_cast<rlim_t>(value)};
        setrlimit(resource, &limits);
    };
    limit(RLIMIT_CORE, 0);
    if (seconds > 0) {
        limit(RLIMIT_CPU, seconds);
        alarm(seconds);
    }
    if (bytes > 0) {
        // Address space is no measure: graphs of some architectures reserve 6 GB and touch little.
        // What asks for far more than that is no model.
        limit(RLIMIT_DATA, bytes + (uint64_t{64} << 30));
        std::thread([bytes] {
            while (residentBytes() <= bytes) {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            }
            sayError("memory", "it takes more than the " + std::to_string(bytes) + " bytes allowed");
            _exit(1);
        }).detach();
    }
#if defined(__linux__)
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    // A failed assertion prints its line and aborts; no debugger is started.
    setenv("GGML_NO_BACKTRACE", "1", 1);
}

}  // namespace corral
