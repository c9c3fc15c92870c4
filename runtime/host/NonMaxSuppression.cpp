// Host function `non_max_suppression`: boxes by falling score, without those that overlap a chosen one too much.
#include "runtime/host/Elements.h"
#include "runtime/host/Functions.h"

#include <algorithm>

namespace heddle::host {
namespace {

/// A box by its corners, lower one first.
struct Box {
  float top, left, bottom, right;
};

Box boxAt(const View &boxes, int64_t batch, int64_t index, bool isCentered) {
  float values[4];
  for (int64_t i = 0; i < 4; ++i)
    values[i] = float(load<double>(boxes, batch * boxes.strides[0] + index * boxes.strides[1] + i * boxes.strides[2]));
  if (isCentered) // [x center, y center, width, height]
    return {values[1] - values[3] / 2, values[0] - values[2] / 2, values[1] + values[3] / 2, values[0] + values[2] / 2};
  // [y1, x1, y2, x2], any two opposite corners
  return {std::min(values[0], values[2]), std::min(values[1], values[3]), std::max(values[0], values[2]),
          std::max(values[1], values[3])};
}

float area(const Box &box) { return (box.bottom - box.top) * (box.right - box.left); }

/// Intersection over union; 0 if either box is empty.
float overlap(const Box &a, const Box &b) {
  float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (height <= 0 || width <= 0 || area(a) <= 0 || area(b) <= 0)
    return 0;
  float common = height * width;
  return common / (area(a) + area(b) - common);
}

struct Settings {
  int64_t most = 0; ///< Boxes per batch and class.
  float overlapThreshold = 0;
  std::optional<float> scoreThreshold;
  bool isCentered = false;
};

/// The boxes chosen for one class of one batch.
std::vector<int64_t> choose(const View &boxes, const View &scores, int64_t batch, int64_t category,
                            const Settings &settings) {
  std::vector<std::pair<float, int64_t>> candidates;
  for (int64_t i = 0; i < boxes.shape[1]; ++i) {
    int64_t offset = batch * scores.strides[0] + category * scores.strides[1] + i * scores.strides[2];
    float score = float(load<double>(scores, offset));
    // Written so that a NaN is no candidate.
    if (score == score && (!settings.scoreThreshold || score > *settings.scoreThreshold))
      candidates.emplace_back(score, i);
  }
  std::sort(candidates.begin(), candidates.end(),
            [](const auto &a, const auto &b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::vector<int64_t> chosen;
  for (const auto &[score, index] : candidates) {
    if (int64_t(chosen.size()) >= settings.most)
      break;
    Box box = boxAt(boxes, batch, index, settings.isCentered);
    bool isSuppressed = std::any_of(chosen.begin(), chosen.end(), [&](int64_t other) {
      return overlap(box, boxAt(boxes, batch, other, settings.isCentered)) > settings.overlapThreshold;
    });
    if (!isSuppressed)
      chosen.push_back(index);
  }
  return chosen;
}

Status checkShapes(const View &boxes, const View &scores) {
  bool fits = boxes.shape.size() == 3 && scores.shape.size() == 3 && boxes.shape[2] == 4 &&
              boxes.shape[0] == scores.shape[0] && boxes.shape[1] == scores.shape[2];
  return fits ? Status::ok()
              : Status(Code::Malformed, "boxes and scores are not [batches, boxes, 4] and [batches, classes, boxes]");
}

} // namespace

/// Inputs: boxes f32 [batches, boxes, 4], scores f32 [batches, classes, boxes], and optional scalars: most boxes per
/// class (i64, 0), overlap threshold (f32, 0), score threshold (f32, none). Attributes: center_point_box (0). Results:
/// i64 [n, 3] of batch, class, box. Of equal scores the lower index comes first. Source: ONNX NonMaxSuppression.
Status nonMaxSuppression(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 2));
  const View &boxes = inputs[0], &scores = inputs[1];
  HEDDLE_RETURN_IF_ERROR(checkShapes(boxes, scores));
  Settings settings;
  settings.isCentered = intAttr(attrs, "center_point_box", 0) != 0;
  if (inputs.size() > 2 && inputs[2].data) {
    Result<int64_t> most = scalarOf(inputs[2], "the number of boxes");
    if (!most)
      return most.status();
    settings.most = *most;
  }
  if (inputs.size() > 3 && inputs[3].data)
    settings.overlapThreshold = float(load<double>(inputs[3], 0));
  if (inputs.size() > 4 && inputs[4].data)
    settings.scoreThreshold = float(load<double>(inputs[4], 0));
  std::vector<int64_t> rows;
  for (int64_t batch = 0; batch < boxes.shape[0]; ++batch)
    for (int64_t category = 0; category < scores.shape[1]; ++category)
      for (int64_t index : choose(boxes, scores, batch, category, settings))
        rows.insert(rows.end(), {batch, category, index});
  Result<View> result = outputs.allocate(0, {int64_t(rows.size() / 3), 3});
  if (!result)
    return result.status();
  std::vector<int64_t> offsets = rowMajorOffsets(*result);
  for (size_t i = 0; i < rows.size(); ++i)
    store(*result, offsets[i], rows[i]);
  return Status::ok();
}

} // namespace heddle::host
