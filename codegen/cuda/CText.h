// Pieces of C++ text: expressions that know their precedence, type names, literals.
#ifndef HEDDLE_CODEGEN_CUDA_CTEXT_H
#define HEDDLE_CODEGEN_CUDA_CTEXT_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include <string>

namespace heddle::cuda {

/// How tightly an expression binds, weakest first.
enum class Precedence {
  Conditional,
  Or,
  And,
  BitOr,
  BitXor,
  BitAnd,
  Equality,
  Relational,
  Shift,
  Sum,
  Product,
  Unary,
  Primary
};

/// An expression. Parentheses are added only by whoever puts it into another one.
struct CText {
  std::string text;
  Precedence precedence = Precedence::Primary;
  /// The same integer read as unsigned, where that is no cast of `text`; else empty.
  std::string asUnsigned;

  /// The text for a place that needs at least this precedence.
  std::string in(Precedence place) const { return precedence < place ? "(" + text + ")" : text; }
};

CText name(std::string text);
/// `left op right`; a right operand of equal precedence gets parentheses, since rounding depends on the order.
CText infix(const CText &left, llvm::StringRef op, const CText &right, Precedence precedence);
CText prefix(llvm::StringRef op, const CText &operand);
CText call(llvm::StringRef function, llvm::ArrayRef<CText> arguments);
CText cast(llvm::StringRef type, const CText &operand);
CText conditional(const CText &condition, const CText &yes, const CText &no);
CText subscript(const CText &array, const CText &index);

/// Whether kernels keep values of this type as a struct in memory and compute in `float`.
bool isNarrowFloat(mlir::Type type);
/// The device function that rounds to such a type, such as `heddle::toF16`.
std::string narrowingFunction(mlir::Type narrow);
/// The C++ type of a value in a kernel: the name of a compute type, such as `float` or `long long`.
llvm::StringRef computeName(mlir::Type compute);
/// The C++ type of an element in memory: the name of a graph element type, such as `heddle::f16` or `unsigned char`.
llvm::StringRef storageName(mlir::Type element);
/// `unsigned` for `int` and so on.
llvm::StringRef unsignedName(mlir::Type compute);

/// A literal that reads back as exactly this value and has the type that computeName gives.
CText literal(mlir::TypedAttr value);
/// An index or size.
CText literal(int64_t value);

} // namespace heddle::cuda

#endif // HEDDLE_CODEGEN_CUDA_CTEXT_H
