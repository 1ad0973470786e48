// What this process says: one line of JSON an answer.
#pragma once

#include <cstdio>
#include <string>

namespace corral {

/// A string as JSON has it. A file's own strings may be in it, in any encoding: a byte that is not
/// ASCII stands for the character of that number.
inline std::string quoted(const std::string &text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) {
            char escaped[8];
            snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned char>(c));
            out += escaped;
        } else {
            out += c;
        }
    }
    return out + '"';
}

inline void say(const std::string &line) {
    fputs(line.c_str(), stdout);
    fputc('\n', stdout);
    fflush(stdout);
}

inline void sayError(const char *kind, const std::string &message) {
    say(std::string("{\"error\":") + quoted(kind) + ",\"message\":" + quoted(message) + "}");
}

}  // namespace corral
