// Builds heddle ops whose types the importer has checked, with the small expansions that many rules share.
#ifndef HEDDLE_COMPILER_ONNX_EMITTER_H
#define HEDDLE_COMPILER_ONNX_EMITTER_H

#include "compiler/onnx/ImportError.h"
#include "compiler/onnx/Tensor.h"

namespace heddle::onnximport {

/// Throws an ImportError (over a limit) for a tensor whose literal sizes alone make it larger than any may be: whatever
/// computes with sizes later can then rely on them not to overflow.
void checkTypeSize(mlir::Type type);

/// An op builder at one location. An op that cannot be built because shapes clash throws a malformed ImportError, one
/// whose operand types the dialect does not have throws an unsupported one; nothing of the op remains.
class Emitter {
public:
  Emitter(mlir::OpBuilder &builder, mlir::Location loc) : b(builder), location(loc) {}
  virtual ~Emitter() = default;

  mlir::OpBuilder &builder() { return b; }
  mlir::Location loc() const { return location; }
  mlir::MLIRContext *context() const { return b.getContext(); }
  mlir::Attribute integer(int64_t value) { return b.getI64IntegerAttr(value); }
  mlir::Attribute integers(llvm::ArrayRef<int64_t> values) { return b.getDenseI64ArrayAttr(values); }
  mlir::Attribute number(double value) { return b.getF64FloatAttr(value); }
  mlir::Attribute flag(bool value) { return b.getBoolAttr(value); }
  mlir::Attribute dims(const Shape &sizes) { return DimsAttr::get(context(), sizes); }
  mlir::NamedAttribute named(llvm::StringRef name, mlir::Attribute value) { return b.getNamedAttr(name, value); }

  /// An op whose result types are inferred.
  template <typename OpT>
  mlir::Value emit(mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    mlir::OperationState state(location, OpT::getOperationName(), operands, {}, attributes);
    adaptOperands(state);
    if constexpr (!std::is_same_v<typename OpT::Properties, mlir::EmptyProperties>)
      setProperties(state, &state.getOrAddProperties<typename OpT::Properties>());
    llvm::SmallVector<mlir::Type> types;
    inferTypes(state, [&] {
      return OpT::inferReturnTypes(context(), location, state.operands, state.attributes.getDictionary(context()),
                                   state.getRawProperties(), state.regions, types);
    });
    state.addTypes(types);
    return create(state)->getResult(0);
  }
  /// An op with one result of a given type.
  template <typename OpT>
  mlir::Value emitAs(mlir::Type result, mlir::ValueRange operands,
                     llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    mlir::OperationState state(location, OpT::getOperationName(), operands, result, attributes);
    return create(state)->getResult(0);
  }
  /// Any op; `state` holds everything.
  mlir::Operation *create(mlir::OperationState &state);
  /// Gives the elements of an integer scalar or vector these names, which sizes may hold from here on.
  void setSymbols(mlir::Value value, llvm::ArrayRef<std::string> names);

  // ---- constants ----
  mlir::Value constant(mlir::TypedAttr value);
  /// A scalar of an element type.
  mlir::Value scalar(double value, mlir::Type element);
  /// `value` everywhere; a splat where the shape is literal.
  mlir::Value splat(double value, const Shape &shape, mlir::Type element);
  /// A size expression as a scalar of an element type.
  mlir::Value sizeScalar(const Expr &size, mlir::Type element);
  /// 0, 1, ... size - 1 as a vector.
  mlir::Value iota(const Expr &size, mlir::Type element);

  // ---- movement; each returns its operand where nothing would change ----
  mlir::Value reshape(mlir::Value x, const Shape &shape);
  mlir::Value broadcast(mlir::Value x, const Shape &shape);
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> perm);
  /// A box with steps; starts as `heddle.slice` wants them.
  mlir::Value slice(mlir::Value x, const Shape &starts, const Shape &steps, const Shape &sizes);
  /// `size` elements of one dimension from `start` on.
  mlir::Value sliceAxis(mlir::Value x, int64_t axis, const Expr &start, const Expr &size);
  mlir::Value reverse(mlir::Value x, int64_t axis);
  mlir::Value concat(mlir::ValueRange parts, int64_t axis);
  mlir::Value pad(mlir::Value x, mlir::Value fill, const Shape &low, const Shape &high, PadMode mode);
  mlir::Value insertDim(mlir::Value x, int64_t axis);
  mlir::Value dropDim(mlir::Value x, int64_t axis);
  /// A vector along dimension `axis` of a tensor of `rank`: all other sizes are 1.
  mlir::Value alongAxis(mlir::Value x, int64_t axis, int64_t rank);

  // ---- arithmetic ----
  mlir::Value cast(mlir::Value x, mlir::Type element, bool saturate = true);
  template <typename OpT> mlir::Value unary(mlir::Value x) { return emit<OpT>(x); }
  template <typename OpT> mlir::Value binary(mlir::Value a, mlir::Value b) { return emit<OpT>({a, b}); }
  mlir::Value add(mlir::Value a, mlir::Value b) { return emit<AddOp>({a, b}); }
  mlir::Value sub(mlir::Value a, mlir::Value b) { return emit<SubOp>({a, b}); }
  mlir::Value mul(mlir::Value a, mlir::Value b) { return emit<MulOp>({a, b}); }
  mlir::Value div(mlir::Value a, mlir::Value b) { return emit<DivOp>({a, b}); }
  mlir::Value where(mlir::Value condition, mlir::Value a, mlir::Value b) { return emit<WhereOp>({condition, a, b}); }
  /// Reduces along `axes` (any order, distinct, non-negative); with `keep` they stay as size 1.
  mlir::Value reduce(ReductionKind kind, mlir::Value x, llvm::ArrayRef<int64_t> axes, bool keep);

protected:
  /// Called with each op whose result types will be inferred; may replace its operands.
  virtual void adaptOperands(mlir::OperationState &) {}
  /// Called with each op that has just been built, while the builder stands behind it.
  virtual void onCreated(mlir::Operation *) {}

private:
  void setProperties(mlir::OperationState &state, mlir::OpaqueProperties properties);
  void inferTypes(const mlir::OperationState &state, llvm::function_ref<mlir::LogicalResult()> infer);

  mlir::OpBuilder &b;
  mlir::Location location;
};

/// The shape of a value.
inline Shape shapeOfValue(mlir::Value x) { return shapeOf(x.getType()); }
inline mlir::Type elementOf(mlir::Value x) { return mlir::getElementTypeOrSelf(x.getType()); }
inline int64_t rankOf(mlir::Value x) { return llvm::cast<mlir::RankedTensorType>(x.getType()).getRank(); }

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_EMITTER_H
