// Requests: words `key=value`, separated by blanks.
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

namespace corral {

class Fields {
  public:
    void add(const std::string &word) {
        const auto equals = word.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw std::invalid_argument("'" + word + "' is not of the form key=value");
        }
        values[word.substr(0, equals)] = word.substr(equals + 1);
    }

    static Fields line(const std::string &text) {
        Fields fields;
        std::istringstream words(text);
        for (std::string word; words >> word;) fields.add(word);
        return fields;
    }

    std::string text(const char *key, const char *absent) const {
        const auto found = values.find(key);
        return found == values.end() ? absent : found->second;
    }

    int64_t number(const char *key, int64_t absent, int64_t least, int64_t most) const {
        const auto found = values.find(key);
        if (found == values.end()) return absent;
        char *end = nullptr;
        errno = 0;
        const long long value = strtoll(found->second.c_str(), &end, 10);
        if (errno != 0 || end == found->second.c_str() || *end != 0 || value < least || value > most) {
            throw std::invalid_argument(
                std::string(key) + "=" + found->second + " is not a number from " +
                std::to_string(least) + " to " + std::to_string(most));
        }
        return value;
    }

    bool flag(const char *key, bool absent) const { return number(key, absent, 0, 1) != 0; }

  private:
    std::map<std::string, std::string> values;
};

}  // namespace corral
