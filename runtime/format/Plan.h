// What the runtime executes: a tree of steps over places, in symbols, with everything it needs and nothing of the
// compiler.
#ifndef HEDDLE_RUNTIME_FORMAT_PLAN_H
#define HEDDLE_RUNTIME_FORMAT_PLAN_H

#include "runtime/format/DType.h"
#include "runtime/format/Expr.h"
#include "runtime/format/HostFunction.h"
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace heddle {

/// Where a value lives.
enum class PlaceKind : uint8_t {
  Input,  ///< Caller's buffer; `index` is the position among the model's inputs. Read only.
  Output, ///< Caller's or runtime's buffer for a result; `index` is the position among the model's outputs.
  Arena,  ///< Bytes of the arena during `[first, last)`.
  Weight, ///< `index` into Program::weights. Read only.
  /// A buffer that the runtime owns, because only the step that fills it knows its size. A reader whose operand has
  /// symbols that are not known yet sees it in the shape in which it was filled.
  Runtime,
};

/// One value's memory. Lifetimes are half-open intervals over the pre-order positions of steps.
struct Place {
  PlaceKind kind = PlaceKind::Arena;
  int64_t index = 0;
  Expr bytes;        ///< Arena only: evaluable once the epoch has begun.
  int64_t first = 0; ///< Arena only: position of the step that writes it.
  int64_t last = 0;  ///< Arena only: one past the position of the last step that reads it.
  /// Arena only: 0 is packed before the first step; k is packed when the k-th SetSymbol (in pre-order) has run.
  int64_t epoch = 0;
};

/// A tensor in a place: what a step reads or writes.
struct Operand {
  int64_t place = -1; ///< Index into Plan::places; -1 for an absent optional operand.
  Expr byteOffset;
  DType type = DType::F32;
  Shape shape;
  std::vector<Expr> strides; ///< In elements; empty means row-major.
};

struct Step;
/// Steps executed in order.
struct Region {
  std::vector<Step> steps;
};

/// Runs a kernel: its entry gets the operands' addresses (inputs, then results), then `sizes`.
struct Launch {
  int64_t kernel = 0; ///< Index into Variant::kernels.
  std::vector<Operand> inputs;
  std::vector<Operand> results;
  std::vector<Expr> sizes; ///< Values of the kernel's own symbols.
  Expr tasks;              ///< CPU: the entry is called for ranges of [0, tasks). 0 runs nothing.
  std::array<Expr, 3> grid = {Expr(1), Expr(1), Expr(1)}; ///< CUDA and simulator: blocks. A 0 runs nothing.
  Expr dynamicSharedBytes;                                ///< CUDA and simulator.
};

/// Calls a host function of the registry by name and version.
struct HostCall {
  std::string function;
  int64_t version = 1;
  HostAttrs attrs;
  std::vector<Operand> inputs;
  std::vector<Operand> results; ///< In a Runtime place the shape is not yet known: the function allocates.
};

/// Defines a symbol for the steps after it.
struct SetSymbol {
  enum class Source : uint8_t {
    Element,   ///< Element `index` (in row-major order) of an integer tensor.
    Dimension, ///< Dimension `index` of a tensor in a Runtime place.
    Value,     ///< `value` itself, over symbols already known.
  };
  std::string symbol;
  Source source = Source::Value;
  Operand operand;
  int64_t index = 0;
  Expr value;
};

/// Runs one of two regions by a boolean scalar.
struct If {
  Operand condition;
  Region thenRegion, elseRegion;
};

/// ONNX's Loop: a for and a while at once.
struct Loop {
  /// A value carried from one iteration to the next; both slots have the same shape. Before the first iteration `init`
  /// is copied to `in`; the body reads `in` and writes `out`; the two swap; at the end the current value is copied to
  /// `result`.
  struct Carried {
    Operand init, in, out, result;
  };
  /// A value of each iteration, stacked along a new dimension 0 in `result` (a Runtime place).
  struct Stacked {
    Operand element, result;
  };
  Operand tripCount;     ///< i64 scalar, or absent: no bound.
  Operand condition;     ///< bool scalar before the first iteration, or absent: true.
  Operand iteration;     ///< i64 scalar that the runtime writes before each iteration; may be absent.
  Operand nextCondition; ///< bool scalar that the body writes; absent: always true.
  Region body;
  std::vector<Carried> carried;
  std::vector<Stacked> stacked;
};

/// Ends the run with Code::Malformed: the model is ill-formed on this path.
struct Fail {
  std::string message;
  std::vector<Expr> sizes; ///< Their values follow the message.
};

struct Step {
  std::variant<Launch, HostCall, SetSymbol, If, Loop, Fail> action;
  std::string origin; ///< ONNX node names, joined by ", ".
};

/// A program's steps and memory for one variant.
struct Plan {
  std::vector<Place> places;
  Region body;
};

/// One check inside a kernel: entry result 1 + its number reports it.
struct KernelCheck {
  std::string message; ///< Names the ONNX node, the operand and the bound.
};

/// A compiled kernel.
struct Kernel {
  std::string name;                 ///< Unique in the variant, made from ONNX node names; the ELF and CUDA symbol.
  std::vector<std::string> symbols; ///< Names of the size parameters, in order.
  std::vector<KernelCheck> checks;
  int64_t code = -1;                        ///< Index into Program::codes.
  std::string entry;                        ///< Symbol in that code.
  int64_t scratchBytes = 0;                 ///< CPU: per thread, 64-byte aligned.
  std::array<int64_t, 3> block = {1, 1, 1}; ///< CUDA and simulator: threads per block.
  int64_t staticSharedBytes = 0;
  /// CUDA source line -> ONNX node, ascending by line: a line belongs to the last entry at or above it.
  std::vector<std::pair<int64_t, std::string>> lines;
};

/// Compiled bytes of one kind.
struct CodeObject {
  enum class Kind : uint8_t { CpuSharedObject, Ptx, Cubin };
  Kind kind = Kind::CpuSharedObject;
  std::string target; ///< CPU level such as "x86-64-v4", or "sm_80".
  std::vector<std::byte> bytes;
};

/// A plan for one target under assumptions.
struct Variant {
  std::string device; ///< "cpu", or "cuda" (which the simulator takes too).
  std::string target; ///< CPU level, or SM.
  /// All must be true. Over symbols of the inputs, and named reads such as `in3[0]`: element 0 of input 3.
  std::vector<Expr> guards;
  Plan plan;
  std::vector<Kernel> kernels;
};

/// A model's input or output. A dimension that is a lone symbol binds it at its first occurrence and is checked at
/// others. An output dimension that depends on data is a symbol that a SetSymbol step defines.
struct Port {
  std::string name;
  DType type = DType::F32;
  Shape shape;
};

/// A constant tensor that plans refer to, after its recorded transform.
struct Weight {
  std::string digest;    ///< XXH3-128 of the untransformed bytes, in hex.
  std::string transform; ///< Text form of the weight transforms; empty if none.
  DType type = DType::F32;
  std::vector<int64_t> shape; ///< After the transform.
  /// ONNX name, for people; not part of identity.
  std::string name;
};

/// A compiled model: what an artifact stores, and what a Session runs.
struct Program {
  std::string modelName;
  /// What made it, for people and for checks: "heddle", "llvm", "nvrtc" and their versions. No time, no paths.
  std::map<std::string, std::string> producer;
  std::vector<Port> inputs, outputs;
  std::vector<Weight> weights;
  std::vector<CodeObject> codes;
  std::vector<std::shared_ptr<const Variant>> variants;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_PLAN_H
