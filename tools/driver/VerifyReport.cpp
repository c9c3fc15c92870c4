// Implements the reports of `heddle verify`.
#include "tools/driver/VerifyReport.h"
#include "tools/common/CommandLine.h"
#include "tools/common/Json.h"

using namespace heddle;

static std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// A line of the report.
static std::string line(std::string text) { return forTerminal(std::move(text)) + "\n"; }

static std::string stepText(const WrongStep &step) {
  return "value '" + step.value + "' of '" + step.kernel + "' (" + step.origin + ")";
}

static std::string specialText(const char *what, const std::optional<WrongStep> &step) {
  return std::string("first ") + what + ": " + (step ? "node '" + step->value + "'" + step->message : "none");
}

std::string heddle::verifyText(const VerifyReport &report) {
  std::string text;
  for (const VerifyReport::Output &output : report.outputs)
    text +=
        line("output " + output.name + ": " + output.tensor + " " + (output.agreement.agrees ? "agrees" : "differs") +
             " with " + report.against + ", largest difference " + number(output.agreement.largestDifference) +
             " of largest value " + number(output.agreement.largestValue));
  for (const std::string &name : report.missing)
    text += line("output " + name + ": not in " + report.against + ", not compared");
  if (report.layers) {
    text += line("layers: " + std::to_string(report.layers->compared) + " values compared, " +
                 std::to_string(report.layers->differing) + " differ, " + std::to_string(report.layers->unmatched) +
                 " steps without a counterpart");
    if (report.layers->first)
      text += line("first that differs: " + stepText(*report.layers->first));
  }
  if (report.notFinite)
    text += line(specialText("NaN", report.notFinite->nan)) + line(specialText("infinity", report.notFinite->infinity));
  return text;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static std::string json(const std::optional<WrongStep> &step) {
  if (!step)
    return "null";
  JsonObject object;
  object.add("value", jsonString(step->value));
  object.add("kernel", jsonString(step->kernel));
  object.add("nodes", jsonString(step->origin));
  object.add("message", jsonString(step->message));
  return object.str();
}

std::string heddle::verifyJson(const VerifyReport &report) {
  std::vector<std::string> outputs;
  for (const VerifyReport::Output &output : report.outputs) {
    JsonObject object;
    object.add("name", jsonString(output.name));
    object.add("agrees", output.agreement.agrees ? "true" : "false");
    object.add("largest_difference", number(output.agreement.largestDifference));
    object.add("largest_value", number(output.agreement.largestValue));
    object.add("message", jsonString(output.agreement.message));
    outputs.push_back(object.str());
  }
  JsonObject object;
  object.add("schema_version", "1");
  object.add("against", jsonString(report.against));
  object.add("agrees", verifyStatus(report) ? "true" : "false");
  object.add("outputs", jsonList(outputs));
  if (report.layers) {
    JsonObject layers;
    layers.add("compared", std::to_string(report.layers->compared));
    layers.add("differing", std::to_string(report.layers->differing));
    layers.add("unmatched", std::to_string(report.layers->unmatched));
    layers.add("first", json(report.layers->first));
    layers.add("diagnosis", jsonString(report.layers->diagnosis));
    object.add("layers", layers.str());
  }
  if (report.notFinite) {
    JsonObject special;
    special.add("nan", json(report.notFinite->nan));
    special.add("infinity", json(report.notFinite->infinity));
    object.add("not_finite", special.str());
  }
  return object.str() + "\n";
}

//===----------------------------------------------------------------------===//
// Status
//===----------------------------------------------------------------------===//

Status heddle::verifyStatus(const VerifyReport &report) {
  if (report.layers && report.layers->first)
    return Status(Code::Mismatch, stepText(*report.layers->first) + " differs: " + report.layers->first->message +
                                      "; " + report.layers->diagnosis);
  for (const VerifyReport::Output &output : report.outputs)
    if (!output.agreement.agrees)
      return Status(Code::Mismatch, "output '" + output.name + "' differs from " + report.against + ": " +
                                        output.agreement.message +
                                        (report.layers ? "; every step agrees with the evaluator on the IR that was "
                                                         "compiled, so a pass changed it: see --verify-each"
                                                       : "; --layers finds the step"));
  if (!report.notFinite)
    return Status::ok();
  const std::optional<WrongStep> &first = report.notFinite->nan ? report.notFinite->nan : report.notFinite->infinity;
  if (!first)
    return Status::ok();
  return Status(Code::Mismatch, "node '" + first->value + "' gives " +
                                    (report.notFinite->nan ? "a NaN" : "an infinity") + first->message);
}
