// The exception by which a rule of the importer refuses a node.
#ifndef HEDDLE_COMPILER_ONNX_IMPORTERROR_H
#define HEDDLE_COMPILER_ONNX_IMPORTERROR_H

#include "runtime/format/Status.h"
#include "llvm/ADT/Twine.h"
#include <exception>
#include <string>
#include <vector>

namespace heddle::onnximport {

/// Never leaves `importModel`: the node that was being imported turns it into a diagnostic.
class ImportError : public std::exception {
public:
  ImportError(Code code, std::string message, std::vector<std::string> neededInputs = {})
      : errorCode(code), text(std::move(message)), inputs(std::move(neededInputs)) {}

  const char *what() const noexcept override { return text.c_str(); }
  Code code() const { return errorCode; }
  const std::string &message() const { return text; }
  /// Graph inputs whose elements would make the node importable.
  const std::vector<std::string> &neededInputs() const { return inputs; }

private:
  Code errorCode;
  std::string text;
  std::vector<std::string> inputs;
};

/// Leaves an ill-formed branch: the message names the node inside it.
class BranchError : public ImportError {
public:
  BranchError(std::string path, const ImportError &error) : ImportError(error), nodePath(std::move(path)) {}

  const std::string &path() const { return nodePath; }
  /// `PATH: message`.
  std::string locatedMessage() const { return nodePath + ": " + message(); }

private:
  std::string nodePath;
};

/// The model breaks a rule of ONNX.
[[noreturn]] inline void malformed(const llvm::Twine &message) { throw ImportError(Code::Malformed, message.str()); }
/// The model is fine, Heddle cannot import it.
[[noreturn]] inline void unsupported(const llvm::Twine &message) {
  throw ImportError(Code::Unsupported, message.str());
}

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_IMPORTERROR_H
