// The system's words for errno, in the form of our messages.
#ifndef HEDDLE_RUNTIME_FORMAT_SYSTEMREASON_H
#define HEDDLE_RUNTIME_FORMAT_SYSTEMREASON_H

#include <cctype>
#include <cerrno>
#include <cstring>
#include <string>

namespace heddle {

/// What errno stands for, beginning in lower case.
inline std::string systemReason() {
  std::string reason = std::strerror(errno);
  if (!reason.empty())
    reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return reason;
}

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_SYSTEMREASON_H
