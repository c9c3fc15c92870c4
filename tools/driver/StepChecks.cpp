// Implements looking at the values between steps.
#include "tools/driver/StepChecks.h"

using namespace heddle;

std::string heddle::nameOf(const StepValues &step) {
  return step.call ? step.call->function : step.variant.kernels[step.kernel].name;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

Status LayerCheck::prepare(ReferenceModel &reference, std::span<const View> inputs) {
  Result<std::vector<SharedTensor>> outputs = reference.run(inputs, [this](ReferenceStep step) {
    Key key{step.name, step.origin};
    steps[key].push_back(std::move(step));
  });
  return outputs.status();
}

void LayerCheck::stepHasRun(const StepValues &step) {
  // The plan copies outputs that no step writes; the evaluator has no such step.
  bool isCopy = step.call && step.call->function == "identity";
  auto expected = steps.find({nameOf(step), step.origin});
  size_t occurrence = expected == steps.end() ? 0 : seen[expected->first]++;
  if (expected != steps.end() && occurrence < expected->second.size())
    compare(step, expected->second[occurrence]);
  else
    unmatched += !isCopy;
  ++position;
}

void LayerCheck::compare(const StepValues &step, const ReferenceStep &expected) {
  for (size_t index = 0; index < std::min(step.results.size(), expected.results.size()); ++index) {
    ++compared;
    Agreement agreement = compareViews(step.results[index], expected.results[index].view, tolerance);
    differing += !agreement.agrees;
    if (!agreement.agrees && !wrong)
      wrong = WrongStep{position, nameOf(step), step.origin, expected.values[index], agreement.message};
  }
}

int64_t LayerCheck::unmatchedCount() const {
  int64_t count = unmatched;
  for (const auto &[key, expected] : steps) {
    auto found = seen.find(key);
    size_t used = found == seen.end() ? 0 : std::min(found->second, expected.size());
    count += static_cast<int64_t>(expected.size() - used);
  }
  return count;
}

//===----------------------------------------------------------------------===//
// NaNs and infinities
//===----------------------------------------------------------------------===//

void NotFiniteCheck::stepHasRun(const StepValues &step) {
  NotFinite found;
  for (const View &result : step.results) {
    NotFinite here = nan && infinity ? NotFinite() : findNotFinite(result);
    found = {found.nan || here.nan, found.infinity || here.infinity};
  }
  WrongStep here{position++, nameOf(step), step.origin, step.origin, ""};
  if (found.nan && !nan)
    nan = here;
  if (found.infinity && !infinity)
    infinity = here;
}

//===----------------------------------------------------------------------===//
// One step
//===----------------------------------------------------------------------===//

void StepCapture::stepBegins(const StepValues &step) {
  if (position != wanted)
    return;
  isLaunch = !step.call;
  kernel = nameOf(step);
  sizes.assign(step.sizes.begin(), step.sizes.end());
  // The step may write over what it reads.
  for (const View &input : step.inputs)
    inputs.push_back(denseCopy(input));
}

void StepCapture::stepHasRun(const StepValues &step) {
  if (position++ != wanted)
    return;
  for (const View &result : step.results)
    results.push_back(denseCopy(result));
}

std::vector<View> StepCapture::inputViews() const {
  std::vector<View> views;
  for (const SharedTensor &input : inputs)
    views.push_back(input.view);
  return views;
}
