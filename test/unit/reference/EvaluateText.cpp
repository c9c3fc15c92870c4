// Implements evaluating text in tests.
#include "test/unit/reference/EvaluateText.h"
#include "ir/Shapes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>
#include <random>

using namespace heddle;
using namespace heddle::test;

std::unique_ptr<mlir::MLIRContext> heddle::test::makeContext() {
  mlir::DialectRegistry registry;
  registry.insert<HeddleDialect, mlir::arith::ArithDialect, mlir::func::FuncDialect, mlir::math::MathDialect>();
  auto context = std::make_unique<mlir::MLIRContext>(registry, mlir::MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

Result<std::vector<TensorValue>>
heddle::test::evaluateText(const std::string &module, llvm::ArrayRef<TensorValue> arguments, SymbolValues symbols) {
  auto context = makeContext();
  auto parsed = mlir::parseSourceString<mlir::ModuleOp>(module, context.get());
  if (!parsed)
    return Status(Code::Malformed, "the module does not parse: " + module);
  auto function = *parsed->getOps<mlir::func::FuncOp>().begin();
  Evaluator evaluator(std::move(symbols), context->getLoadedDialect<HeddleDialect>()->weights());
  return evaluator.evaluate(mlir::cast<mlir::FunctionOpInterface>(function.getOperation()), arguments);
}

static std::string typeText(const TensorValue &value) {
  auto context = makeContext();
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << mlir::RankedTensorType::get(value.shape, elementType(context.get(), value.type));
  return text;
}

TensorValue heddle::test::evaluateOp(const std::string &op, llvm::ArrayRef<TensorValue> arguments,
                                     const std::string &result) {
  std::string parameters, types;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string type = typeText(arguments[i]), comma = i ? ", " : "";
    parameters += comma + "%" + char('a' + i) + ": " + type;
    types += comma + type;
  }
  std::string text = "func.func @f(" + parameters + ") -> " + result + " {\n  %y = " + op + " : (" + types + ") -> " +
                     result + "\n  return %y : " + result + "\n}\n";
  Result<std::vector<TensorValue>> values = evaluateText(text, arguments);
  EXPECT_TRUE(values.isOk()) << values.status().message() << "\n" << text;
  return values ? values->front() : TensorValue();
}

TensorValue heddle::test::randomFloats(std::vector<int64_t> shape, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<float> values(*checkedCount(shape));
  for (float &value : values)
    value = static_cast<float>(static_cast<int32_t>(generator())) * 0x1p-31f;
  return tensorOf(DType::F32, std::move(shape), values);
}
