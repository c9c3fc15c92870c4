// What is refused between vector code and a shared object. No kernel of a model gets there: the emitters avoid it.
#include "codegen/cpu/CpuKernel.h"
#include "codegen/cpu/Lower.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

using namespace heddle;

namespace {

/// The object of a module of vector code.
Result<std::vector<std::byte>> compile(const std::string &text) {
  mlir::DialectRegistry registry;
  registerCpuCodegen(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  mlir::ScopedDiagnosticHandler quiet(&context, [](mlir::Diagnostic &) { return mlir::success(); });
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  EXPECT_TRUE(module) << text;
  return emitObject(*module, *cpuLevel("x86-64-v3"));
}

void expectFailure(const Status &status, const std::string &message) {
  EXPECT_EQ(status.code(), Code::CompileFailed);
  EXPECT_NE(status.message().find(message), std::string::npos) << status.message();
}

// An op of the graph has no instructions.
TEST(ObjectTest, CodeThatIsNoVectorCodeIsNotCompiled) {
  expectFailure(compile("llvm.func @k() {\n  heddle.fail \"no\"\n  llvm.return\n}\n").status(),
                "cannot compile for x86-64-v3: the module was not translated to LLVM IR");
}

// A function of the C library has another value on another machine, or is not there at all.
TEST(ObjectTest, ImportsOfTheCLibraryAreRefused) {
  Result<std::vector<std::byte>> object = compile("llvm.func @sinf(f32) -> f32\n"
                                                  "llvm.func @k(%x: f32) -> f32 {\n"
                                                  "  %y = llvm.call @sinf(%x) : (f32) -> f32\n"
                                                  "  llvm.return %y : f32\n"
                                                  "}\n");
  ASSERT_TRUE(object.isOk()) << object.status().message();
  expectFailure(checkImports(*object), "kernel object imports \"sinf\", which no kernel may need");
}

TEST(ObjectTest, WhatIsNoObjectIsRefused) {
  const std::vector<std::byte> noise(64, std::byte(7));
  const std::span<const std::byte> object = noise;
  expectFailure(checkImports(object), "kernel object is malformed: ");
  expectFailure(linkSharedObject({&object, 1}).status(), "cannot link kernels: ");
}

} // namespace
