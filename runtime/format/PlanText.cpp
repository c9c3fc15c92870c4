// Implements the text form of programs.
#include "runtime/format/PlanText.h"

#include <charconv>

namespace heddle {
namespace {

std::string_view nameOf(CodeObject::Kind kind) {
  switch (kind) {
  case CodeObject::Kind::CpuSharedObject:
    return "cpu-shared-object";
  case CodeObject::Kind::Ptx:
    return "ptx";
  case CodeObject::Kind::Cubin:
    return "cubin";
  }
  return "unknown";
}

std::string valueText(int64_t value) { return std::to_string(value); }

std::string valueText(double value) {
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
}

std::string valueText(const std::string &text) { return quote(text); }

template <typename T> std::string valueText(const std::vector<T> &list) {
  std::string text = "[";
  for (size_t i = 0; i < list.size(); ++i)
    text += (i == 0 ? "" : ", ") + valueText(list[i]);
  return text + "]";
}

class PlanPrinter {
public:
  void print(const Program &program);
  std::string take() { return std::move(text); }

private:
  void line(const std::string &content) { text += std::string(size_t(indent) * 2, ' ') + content + "\n"; }
  void print(const Port &port, const char *kind, size_t index);
  void print(const Variant &variant, size_t index);
  void print(const Kernel &kernel, size_t index);
  void print(const Place &place, size_t index);
  void print(const Region &region);
  void print(const Launch &launch, const std::string &origin);
  void print(const HostCall &call, const std::string &origin);
  void print(const SetSymbol &set, const std::string &origin);
  void print(const If &branch, const std::string &origin);
  void print(const Loop &loop, const std::string &origin);
  void print(const Fail &fail, const std::string &origin);
  void nested(const Region &region) {
    ++indent;
    print(region);
    --indent;
  }

  static std::string textOf(const Operand &operand);
  static std::string textOf(const std::vector<Operand> &operands);

  std::string text;
  int indent = 0;
  int64_t position = 0;
  const Variant *current = nullptr;
};

void PlanPrinter::print(const Program &program) {
  line("program " + quote(program.modelName));
  for (const auto &[name, version] : program.producer)
    line("made by " + quote(name) + " " + quote(version));
  for (size_t i = 0; i < program.inputs.size(); ++i)
    print(program.inputs[i], "input", i);
  for (size_t i = 0; i < program.outputs.size(); ++i)
    print(program.outputs[i], "output", i);
  for (size_t i = 0; i < program.weights.size(); ++i) {
    const Weight &weight = program.weights[i];
    line("weight " + std::to_string(i) + ": " + std::string(heddle::nameOf(weight.type)) + valueText(weight.shape) +
         " digest " + weight.digest + (weight.transform.empty() ? "" : " transform " + quote(weight.transform)) + " " +
         quote(weight.name));
  }
  for (size_t i = 0; i < program.codes.size(); ++i)
    line("code " + std::to_string(i) + ": " + std::string(nameOf(program.codes[i].kind)) + " " +
         quote(program.codes[i].target) + ", " + std::to_string(program.codes[i].bytes.size()) + " bytes");
  for (size_t i = 0; i < program.variants.size(); ++i)
    print(*program.variants[i], i);
}

void PlanPrinter::print(const Port &port, const char *kind, size_t index) {
  line(std::string(kind) + " " + std::to_string(index) + ": " + quote(port.name) + " " +
       std::string(heddle::nameOf(port.type)) + heddle::textOf(port.shape));
}

void PlanPrinter::print(const Variant &variant, size_t index) {
  current = &variant;
  line("variant " + std::to_string(index) + ": " + quote(variant.device) + " " + quote(variant.target));
  ++indent;
  for (const Expr &guard : variant.guards)
    line("guard " + guard.str());
  for (size_t i = 0; i < variant.kernels.size(); ++i)
    print(variant.kernels[i], i);
  for (size_t i = 0; i < variant.plan.places.size(); ++i)
    print(variant.plan.places[i], i);
  position = 0;
  print(variant.plan.body);
  --indent;
}

void PlanPrinter::print(const Kernel &kernel, size_t index) {
  std::string block;
  for (int64_t threads : kernel.block)
    block += (block.empty() ? "" : "x") + std::to_string(threads);
  line("kernel " + std::to_string(index) + ": " + quote(kernel.name) + " code " + std::to_string(kernel.code) +
       " entry " + quote(kernel.entry) + " symbols " + valueText(kernel.symbols) + " scratch " +
       std::to_string(kernel.scratchBytes) + " block " + block + " shared " + std::to_string(kernel.staticSharedBytes));
  for (size_t check = 0; check < kernel.checks.size(); ++check)
    line("  check " + std::to_string(check) + ": " + quote(kernel.checks[check].message));
}

void PlanPrinter::print(const Place &place, size_t index) {
  static constexpr const char *names[] = {"input", "output", "arena", "weight", "runtime"};
  std::string content = "place " + std::to_string(index) + ": " + names[size_t(place.kind)];
  if (place.kind == PlaceKind::Arena)
    content += " " + place.bytes.str() + " bytes, steps [" + std::to_string(place.first) + ", " +
               std::to_string(place.last) + "), epoch " + std::to_string(place.epoch);
  else if (place.kind != PlaceKind::Runtime)
    content += " " + std::to_string(place.index);
  line(content);
}

std::string PlanPrinter::textOf(const Operand &operand) {
  if (operand.place < 0)
    return "none";
  std::string content = "%" + std::to_string(operand.place);
  if (!operand.byteOffset.isLiteral(0))
    content += "+" + operand.byteOffset.str();
  content += " " + std::string(heddle::nameOf(operand.type)) + heddle::textOf(operand.shape);
  return operand.strides.empty() ? content : content + " strides " + heddle::textOf(operand.strides);
}

std::string PlanPrinter::textOf(const std::vector<Operand> &operands) {
  std::string content = "(";
  for (size_t i = 0; i < operands.size(); ++i)
    content += (i == 0 ? "" : ", ") + textOf(operands[i]);
  return content + ")";
}

void PlanPrinter::print(const Region &region) {
  for (const Step &step : region.steps) {
    std::string origin = step.origin.empty() ? "" : " from " + quote(step.origin);
    std::visit([&](const auto &action) { print(action, origin); }, step.action);
  }
}

void PlanPrinter::print(const Launch &launch, const std::string &origin) {
  std::string content = std::to_string(position++) + ": launch " + quote(current->kernels[size_t(launch.kernel)].name) +
                        " " + textOf(launch.inputs) + " -> " + textOf(launch.results) + " sizes " +
                        heddle::textOf(launch.sizes);
  if (current->device == "cpu")
    content += " tasks " + launch.tasks.str();
  else
    content += " grid " + heddle::textOf(Shape(launch.grid.begin(), launch.grid.end())) + " shared " +
               launch.dynamicSharedBytes.str();
  line(content + origin);
}

void PlanPrinter::print(const HostCall &call, const std::string &origin) {
  std::string attrs;
  for (const auto &[name, value] : call.attrs)
    attrs += " " + name + "=" + std::visit([](const auto &item) { return valueText(item); }, value);
  line(std::to_string(position++) + ": call " + quote(call.function) + " version " + std::to_string(call.version) +
       " " + textOf(call.inputs) + " -> " + textOf(call.results) + attrs + origin);
}

void PlanPrinter::print(const SetSymbol &set, const std::string &origin) {
  std::string value = set.value.str();
  if (set.source == SetSymbol::Source::Element)
    value = "element " + std::to_string(set.index) + " of " + textOf(set.operand);
  if (set.source == SetSymbol::Source::Dimension)
    value = "dimension " + std::to_string(set.index) + " of " + textOf(set.operand);
  line(std::to_string(position++) + ": set " + Expr::symbol(set.symbol).str() + " = " + value + origin);
}

void PlanPrinter::print(const If &branch, const std::string &origin) {
  line(std::to_string(position++) + ": if " + textOf(branch.condition) + origin);
  nested(branch.thenRegion);
  line("else");
  nested(branch.elseRegion);
}

void PlanPrinter::print(const Loop &loop, const std::string &origin) {
  line(std::to_string(position++) + ": loop trips " + textOf(loop.tripCount) + " while " + textOf(loop.condition) +
       ", then " + textOf(loop.nextCondition) + " iteration " + textOf(loop.iteration) + origin);
  for (const Loop::Carried &carried : loop.carried)
    line("carried " + textOf(carried.init) + " -> in " + textOf(carried.in) + " out " + textOf(carried.out) + " -> " +
         textOf(carried.result));
  for (const Loop::Stacked &stacked : loop.stacked)
    line("stacked " + textOf(stacked.element) + " -> " + textOf(stacked.result));
  nested(loop.body);
}

void PlanPrinter::print(const Fail &fail, const std::string &origin) {
  std::string sizes = fail.sizes.empty() ? "" : " sizes " + heddle::textOf(fail.sizes);
  line(std::to_string(position++) + ": fail " + quote(fail.message) + sizes + origin);
}

} // namespace

std::string quote(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (char character : text) {
    auto byte = static_cast<unsigned char>(character);
    if (byte == '"' || byte == '\\')
      quoted += '\\';
    if (byte >= 0x20 && byte != 0x7f)
      quoted += character;
    else
      quoted += std::string("\\x") + digits[byte >> 4] + digits[byte & 15];
  }
  return quoted + "\"";
}

std::string reachedFailText(const std::string &message, std::span<const Expr> sizes,
                            std::span<const std::optional<int64_t>> values) {
  std::string text = message, separator = ": ";
  for (size_t i = 0; i < sizes.size(); ++i) {
    text += separator + sizes[i].str() + " is " + (values[i] ? std::to_string(*values[i]) : "unknown");
    separator = ", ";
  }
  return text;
}

std::string planText(const Program &program) {
  PlanPrinter printer;
  printer.print(program);
  return printer.take();
}

} // namespace heddle
