// The result of an operation that can fail because of a user's input or a device: a code that is also the program's
// exit code, and one sentence.
#ifndef HEDDLE_RUNTIME_FORMAT_STATUS_H
#define HEDDLE_RUNTIME_FORMAT_STATUS_H

#include <cassert>
#include <optional>
#include <string>
#include <utility>

namespace heddle {

/// Why something failed. The numbers are the exit codes of every Heddle program and the status codes of the C API.
enum class Code : int {
  Ok = 0,
  Mismatch = 1,      ///< Outputs differ from the reference, or a check has findings.
  Malformed = 2,     ///< Bad usage, a malformed model, or data that breaks the model's own rule at run time.
  Unsupported = 3,   ///< A valid model that Heddle cannot compile for the chosen target.
  CompileFailed = 4, ///< A code generator or its back end refused code that Heddle made.
  DeviceError = 5,   ///< A device or driver call failed, or the machine is below the floor.
  OverLimit = 6,     ///< Out of memory, or over a budget.
  BadArtifact = 7,   ///< A corrupt or incompatible artifact.
  Interrupted = 130,
};

/// Success, or a code with a one-line message: lower case, no final stop, names the thing, gives got and expected.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(Code code, std::string message) : statusCode(code), text(std::move(message)) {
    assert(code != Code::Ok && "a failure needs a failure code");
  }

  static Status ok() { return {}; }
  bool isOk() const { return statusCode == Code::Ok; }
  explicit operator bool() const { return isOk(); }
  Code code() const { return statusCode; }
  const std::string &message() const { return text; }

private:
  Code statusCode = Code::Ok;
  std::string text;
};

/// A value, or the Status that says why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : content(std::move(value)) {}
  Result(Status failure) : failure(std::move(failure)) {
    assert(!this->failure.isOk() && "an ok Result needs a value");
  }

  bool isOk() const { return content.has_value(); }
  explicit operator bool() const { return isOk(); }
  T &operator*() { return value(); }
  const T &operator*() const { return value(); }
  T *operator->() { return &value(); }
  const T *operator->() const { return &value(); }
  T &value() {
    assert(content && "value of a failed Result");
    return *content;
  }
  const T &value() const {
    assert(content && "value of a failed Result");
    return *content;
  }
  const Status &status() const { return failure; }

private:
  std::optional<T> content;
  Status failure;
};

/// Leaves the enclosing function with the Status if `EXPR` failed.
#define HEDDLE_RETURN_IF_ERROR(EXPR)                                                                                   \
  do {                                                                                                                 \
    if (::heddle::Status heddleStatus = (EXPR); !heddleStatus.isOk())                                                  \
      return heddleStatus;                                                                                             \
  } while (false)

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_STATUS_H
