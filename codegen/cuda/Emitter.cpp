// The parts of a kernel's text that do not depend on its kind: comment, constants, entry, stores.
#include "codegen/cuda/Emitter.h"
#include "codegen/cuda/LineWrap.h"
#include "ir/Origins.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cuda;

std::string heddle::cuda::commentName(StringRef name) {
  std::string result;
  for (char c : name.take_front(96))
    result += llvm::isAlnum(c) || StringRef("_./:-").contains(c) ? c : '_';
  return result;
}

std::string heddle::cuda::describe(DType type, const Shape &shape) {
  std::string text = std::string(nameOf(type)) + " [";
  llvm::ListSeparator comma(",");
  for (const Expr &size : shape)
    text += StringRef(comma).str() + size.str();
  return text + "]";
}

Emitter::Emitter(KernelOp kernel, NameTable &names, TextNames spelling, std::vector<std::string> resultNames)
    : kernel(kernel), recorder(kernel, graph), pull(kernel, recorder), spelling(spelling),
      text(graph, names, std::move(spelling)), resultNames(std::move(resultNames)) {}

std::string Emitter::nameSize(StringRef constantName, const Expr &size) {
  if (std::optional<int64_t> literal = size.literal()) {
    std::string name = constantName.str();
    for (int number = 1; llvm::any_of(constants, [&](const ConstantLine &line) { return line.name == name; }); ++number)
      name = constantName.str() + "_" + std::to_string(number);
    addConstant(name, *literal);
    text.nameSize(size, name);
    return name;
  }
  if (!size.symbolName().empty())
    return text.size(size).text;
  std::string name = text.uniqueName(constantName.lower());
  text.line("const " + spelling.indexType + " " + name + " = " + text.size(size).text + ";");
  text.nameSize(size, name);
  return name;
}

void Emitter::store(size_t result, const Index &index, NodeId value) {
  text.lineOf([&] {
    std::string place = subscript(name(resultNames[result]), text.index(index)).text;
    return place + " = " + text.stored(value, getElementTypeOrSelf(kernel.getResultTypes()[result])).text + ";";
  });
}

std::string Emitter::headerComment(ArrayRef<CudaParameter> parameters, Attribute schedule) {
  std::string inputs, outputs, origins;
  for (const CudaParameter &parameter : parameters) {
    std::string &list = parameter.isWritten ? outputs : inputs;
    list += (list.empty() ? "" : ", ") + parameter.name + " " + describe(parameter.type, parameter.shape);
    if (!parameter.value.empty() && commentName(parameter.value) != parameter.name)
      list += " (" + commentName(parameter.value) + ")";
  }
  SmallVector<std::string> nodes;
  kernel->walk([&](Operation *op) {
    for (const std::string &origin : originsOf(op->getLoc()))
      if (op != kernel.getOperation() && !llvm::is_contained(nodes, origin))
        nodes.push_back(origin);
  });
  for (const std::string &node : nodes)
    origins += (origins.empty() ? "" : ", ") + commentName(node);
  std::string schedulePart;
  llvm::raw_string_ostream(schedulePart) << schedule;
  constexpr size_t indent = 10;
  std::string comment =
      wrapComment("// kernel : " + kernelName(kernel.getSymName()) + "   schedule " + schedulePart, indent);
  if (!origins.empty())
    comment += wrapComment("// origin : " + origins, indent);
  std::string both = "// in     : " + inputs + "   out : " + outputs;
  bool fits = both.size() <= maxLineLength;
  comment +=
      fits ? both + "\n" : wrapComment("// in     : " + inputs, indent) + wrapComment("// out    : " + outputs, indent);
  std::string launch = "// launch : grid (" + grid[0].str();
  for (int axis = 1; axis < 3; ++axis)
    if (!grid[axis].isLiteral(1) || !grid[2].isLiteral(1))
      launch += ", " + grid[axis].str();
  comment += wrapComment(launch + "), block (" + std::to_string(threads) + ")", indent);
  return comment;
}

std::string Emitter::entryLine(ArrayRef<CudaParameter> parameters, ArrayRef<std::string> symbols) {
  std::vector<std::string> pieces;
  for (auto [number, parameter] : llvm::enumerate(parameters)) {
    size_t result = number - kernel.getNumArguments();
    Type type = parameter.isWritten ? kernel.getResultTypes()[result] : kernel.getArgumentTypes()[number];
    pieces.push_back((parameter.isWritten ? "" : "const ") + storageName(getElementTypeOrSelf(type)).str() +
                     " *__restrict__ " + parameter.name);
  }
  for (const std::string &symbol : symbols)
    pieces.push_back(spelling.indexType + " " + spelling.symbols.at(symbol));
  if (!recorder.checks().empty())
    pieces.push_back("unsigned *error");
  std::string text = kernelName(kernel.getSymName()) + "(";
  size_t lineStart = 0;
  for (const std::string &piece : pieces) {
    bool isFirst = &piece == &pieces.front();
    bool fits = text.size() - lineStart + piece.size() + 6 <= maxLineLength;
    text += isFirst ? "" : fits ? ", " : ",\n    ";
    if (!isFirst && !fits)
      lineStart = text.size() - 4;
    text += piece;
  }
  return text + ") {\n";
}

/// Numbers the lines of a text and notes which ONNX nodes they compute.
static void appendBody(std::string &source, ArrayRef<TextLine> lines, CudaKernel &result) {
  int64_t number = 1 + llvm::count(source, '\n');
  std::string previous;
  auto append = [&](const std::string &line) {
    source += line + "\n";
    ++number;
  };
  for (const TextLine &line : lines) {
    size_t indent = StringRef(line.text).starts_with("#") ? 0 : 2 * (line.indent + 1);
    std::string origin = llvm::join(line.origins, ", "), comment;
    if (!origin.empty() && origin != previous) {
      for (const std::string &node : line.origins)
        comment += (comment.empty() ? "// " : ", ") + commentName(node);
      result.lines.push_back({number, origin});
      previous = origin;
    }
    bool isBeside = !comment.empty() && indent + line.text.size() + 2 + comment.size() <= maxLineLength;
    if (!comment.empty() && !isBeside)
      append(std::string(indent, ' ') + comment);
    std::vector<std::string> pieces = wrapStatement(line.text, indent);
    pieces.back() += isBeside ? "  " + comment : "";
    llvm::for_each(pieces, append);
  }
}

Operation *Emitter::leadingOp() {
  if (anchor)
    return anchor;
  Block &body = kernel.getBody().front();
  return &*llvm::find_if(body, [](Operation &op) { return !isa<ConstantOp, SizesOp>(op); });
}

CudaKernel Emitter::finish(ArrayRef<CudaParameter> parameters, ArrayRef<std::string> symbols, Attribute schedule) {
  CudaKernel result;
  result.name = kernelName(kernel.getSymName());
  result.symbol = kernel.getSymName().str();
  std::string source = headerComment(parameters, schedule);
  source += "#include \"heddle/core.cuh\"\n";
  if (needsTile)
    source += "#include \"heddle/tile.cuh\"\n";
  if (needsWarp || text.usesReductions())
    source += "#include \"heddle/warp.cuh\"\n";
  std::string list;
  for (const ConstantLine &constant : constants)
    if (text.mentions(constant.name))
      list += (list.empty() ? "" : ", ") + constant.name + " = " + literal(constant.value).text;
  source += "namespace {\nconstexpr " + spelling.indexType + " " + list + ";\n";
  for (const std::string &table : text.tables())
    source += table + "\n";
  bool needsRegisters = keepsRegisters || text.namesEnds();
  source += "}\nextern \"C\" __global__ void __launch_bounds__(THREADS" + std::string(needsRegisters ? ", 1" : "") +
            ")\n" + entryLine(parameters, symbols);
  // What comes before the first expression of a node prepares the leading op.
  if (std::string nodes = originText(leadingOp()->getLoc()); !nodes.empty())
    result.lines.push_back({1 + llvm::count(source, '\n'), nodes});
  appendBody(source, text.lines(), result);
  result.source = source + "}\n";
  result.grid = grid;
  result.block = {threads, 1, 1};
  result.staticSharedBytes = sharedBytes;
  result.parameters.assign(parameters.begin(), parameters.end());
  result.symbols.assign(symbols.begin(), symbols.end());
  result.hasWideSymbols = spelling.indexType != "int";
  result.checks = recorder.checks();
  return result;
}
