// Registers the heddle dialect and implements its attributes.
#include "ir/HeddleOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FoldInterfaces.h"
#include "runtime/format/WeightTransform.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace heddle;

#include "ir/HeddleDialect.cpp.inc"
#include "ir/HeddleEnums.cpp.inc"
#include "ir/HeddleInterfaces.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "ir/HeddleAttributes.cpp.inc"

namespace {
/// Scalar constants stay in the body of the generic that uses them: outside of it nothing is scalar.
struct KeepScalarsInBodies final : DialectFoldInterface {
  using DialectFoldInterface::DialectFoldInterface;
  bool shouldMaterializeInto(Region *region) const final { return isa<GenericOp>(region->getParentOp()); }
};
} // namespace

void HeddleDialect::initialize() {
  addInterfaces<KeepScalarsInBodies>();
  weightStore = std::make_shared<WeightStore>();
  registerAttributes();
  registerHeddleDialectOperations(this);
}

void HeddleDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ir/HeddleAttributes.cpp.inc"
      >();
}

Operation *HeddleDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  auto typed = dyn_cast<TypedAttr>(value);
  if (!typed || typed.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, type, typed);
}

//===----------------------------------------------------------------------===//
// DimsAttr
//===----------------------------------------------------------------------===//

DimsAttr DimsAttr::get(MLIRContext *context, const Shape &exprs) {
  SmallVector<StringAttr> texts;
  for (const Expr &expr : exprs)
    texts.push_back(StringAttr::get(context, expr.str()));
  return get(context, texts);
}

/// Parses a size expression. A model has few different ones, which every look at a type asks for again: each thread
/// remembers those that it has parsed.
static const Expr &parsedSize(StringRef text) {
  constexpr size_t maxRemembered = 1 << 14;
  static thread_local llvm::StringMap<Expr> known;
  if (auto found = known.find(text); found != known.end())
    return found->second;
  if (known.size() >= maxRemembered)
    known.clear();
  Result<Expr> expr = Expr::parse(text);
  assert(expr.isOk() && "a verified DimsAttr holds expressions in normal form");
  return known.try_emplace(text, *expr).first->second;
}

Shape DimsAttr::exprs() const {
  Shape result;
  for (StringAttr text : getTexts())
    result.push_back(parsedSize(text.getValue()));
  return result;
}

LogicalResult DimsAttr::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<StringAttr> texts) {
  for (StringAttr text : texts) {
    Result<Expr> expr = Expr::parse(text.getValue());
    if (!expr) // (C1)
      return emitError() << "size expression \"" << text.getValue() << "\": " << expr.status().message();
    if (std::string normal = expr->str(); normal != text.getValue()) // (C1)
      return emitError() << "size expression \"" << text.getValue() << "\" is not in normal form, expected \"" << normal
                         << "\"";
  }
  return success();
}

LogicalResult DimsAttr::verifyEncoding(ArrayRef<int64_t> shape, Type,
                                       function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() != size()) // (C2)
    return emitError() << "dims list " << size() << " sizes, expected " << shape.size();
  for (auto [dim, size, expr] : llvm::enumerate(shape, exprs())) {
    std::optional<int64_t> literal = expr.literal();
    if (ShapedType::isDynamic(size) == literal.has_value() || (literal && *literal != size)) // (C2)
      return emitError() << "dims give dimension " << dim << " as \"" << expr.str() << "\", expected "
                         << (ShapedType::isDynamic(size) ? "an expression with a symbol" : std::to_string(size));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Weights and schedules
//===----------------------------------------------------------------------===//

LogicalResult WeightAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringRef, StringRef transform, Type) {
  if (Result<WeightTransform> steps = parseTransform(transform); !steps) // (C1)
    return emitError() << "transform \"" << transform << "\": " << steps.status().message();
  return success();
}

/// Fails unless all figures of a schedule are positive.
static LogicalResult verifyFigures(function_ref<InFlightDiagnostic()> emitError,
                                   ArrayRef<std::pair<StringRef, int64_t>> figures) {
  for (auto [name, value] : figures)
    if (value < 1)
      return emitError() << name << " is " << value << ", expected a positive number";
  return success();
}

LogicalResult ElementwiseScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t vector,
                                              int64_t threads, int64_t perThread) {
  return verifyFigures(emitError, {{"vector", vector}, {"threads", threads}, {"per_thread", perThread}}); // (C1)
}

LogicalResult RowsScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t vector, int64_t unroll,
                                       int64_t threads) {
  return verifyFigures(emitError, {{"vector", vector}, {"unroll", unroll}, {"threads", threads}}); // (C1)
}

LogicalResult GemmScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t mr, int64_t nr, int64_t bm,
                                       int64_t bn, int64_t bk, int64_t tm, int64_t tn) {
  bool isForCuda = bm != 0 || bn != 0 || bk != 0 || tm != 0 || tn != 0, isForCpu = mr != 0 || nr != 0;
  if ((isForCpu || !isForCuda) && failed(verifyFigures(emitError, {{"mr", mr}, {"nr", nr}}))) // (C1)
    return failure();
  if (!isForCuda)
    return success();
  return verifyFigures(emitError, {{"bm", bm}, {"bn", bn}, {"bk", bk}, {"tm", tm}, {"tn", tn}}); // (C1)
}

//===----------------------------------------------------------------------===//
// Text form of DimsAttr
//===----------------------------------------------------------------------===//

Attribute DimsAttr::parse(AsmParser &parser, Type) {
  SmallVector<StringAttr> texts;
  auto parseText = [&]() -> ParseResult {
    std::string text;
    if (parser.parseString(&text))
      return failure();
    texts.push_back(StringAttr::get(parser.getContext(), text));
    return success();
  };
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseText) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<DimsAttr>(loc, parser.getContext(), texts);
}

void DimsAttr::print(AsmPrinter &printer) const {
  printer << "<[";
  llvm::interleaveComma(getTexts(), printer, [&](StringAttr text) { printer.printAttributeWithoutType(text); });
  printer << "]>";
}
