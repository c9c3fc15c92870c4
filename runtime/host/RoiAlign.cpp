// Host function `roi_align`: regions of an image, sampled to one size by bilinear interpolation.
#include "runtime/host/Elements.h"
#include "runtime/host/Functions.h"

#include <algorithm>
#include <cmath>

namespace heddle::host {
namespace {

/// Of one bin along one dimension: neither an attribute nor a region must decide how long a run takes.
constexpr int64_t mostSamples = 1024;

struct Settings {
  int64_t height, width, samplingRatio;
  float scale;
  bool isHalfPixel, takesMaximum;
};

/// Up to four elements around a position and their weights; no weight outside the image.
struct Corner {
  int64_t offset;
  float weight;
};

/// One dimension of a position: the elements on both sides, and the weight of the second.
struct Side {
  int64_t low, high;
  float rest;
};

Side sideOf(float position, int64_t size) {
  position = std::max(position, 0.0f);
  auto low = int64_t(position);
  if (low >= size - 1)
    return {size - 1, size - 1, 0};
  return {low, low + 1, position - float(low)};
}

/// Adds what a position takes from an image plane of these sizes and strides; nothing if it lies outside.
void addCorners(float y, float x, const View &image, std::vector<Corner> &corners) {
  const int64_t height = image.shape[2], width = image.shape[3];
  if (!(y >= -1 && y <= float(height) && x >= -1 && x <= float(width))) {
    corners.insert(corners.end(), 4, Corner{0, 0});
    return;
  }
  const Side row = sideOf(y, height), column = sideOf(x, width);
  auto at = [&](int64_t i, int64_t j) { return i * image.strides[2] + j * image.strides[3]; };
  corners.push_back({at(row.low, column.low), (1 - row.rest) * (1 - column.rest)});
  corners.push_back({at(row.low, column.high), (1 - row.rest) * column.rest});
  corners.push_back({at(row.high, column.low), row.rest * (1 - column.rest)});
  corners.push_back({at(row.high, column.high), row.rest * column.rest});
}

/// A region in pixels of the image, and how many samples each of its bins takes along both dimensions.
struct Region {
  float top, left, binHeight, binWidth;
  int64_t rows, columns;
};

Region regionOf(const View &rois, int64_t index, const Settings &settings) {
  float edges[4]; // x1, y1, x2, y2
  const float offset = settings.isHalfPixel ? 0.5f : 0.0f;
  for (int64_t i = 0; i < 4; ++i)
    edges[i] = float(load<double>(rois, index * rois.strides[0] + i * rois.strides[1])) * settings.scale - offset;
  float width = edges[2] - edges[0], height = edges[3] - edges[1];
  if (!settings.isHalfPixel) {
    width = std::max(width, 1.0f);
    height = std::max(height, 1.0f);
  }
  Region region{edges[1], edges[0], height / float(settings.height), width / float(settings.width), 0, 0};
  auto samples = [&](float bin) {
    return settings.samplingRatio > 0 ? settings.samplingRatio
                                      : int64_t(std::ceil(std::min(std::max(bin, 0.0f), float(mostSamples))));
  };
  region.rows = samples(region.binHeight);
  region.columns = samples(region.binWidth);
  return region;
}

/// The corners of all samples of one bin, four per sample.
std::vector<Corner> cornersOf(const Region &region, int64_t i, int64_t j, const View &image) {
  std::vector<Corner> corners;
  for (int64_t row = 0; row < region.rows; ++row)
    for (int64_t column = 0; column < region.columns; ++column)
      addCorners(region.top + float(i) * region.binHeight + (float(row) + 0.5f) * region.binHeight / float(region.rows),
                 region.left + float(j) * region.binWidth +
                     (float(column) + 0.5f) * region.binWidth / float(region.columns),
                 image, corners);
  return corners;
}

float combine(const View &image, int64_t plane, const std::vector<Corner> &corners, bool takesMaximum) {
  float sum = 0, largest = 0;
  for (size_t i = 0; i < corners.size(); ++i) {
    const float part = corners[i].weight * float(load<double>(image, plane + corners[i].offset));
    sum += part;
    largest = i == 0 ? part : std::max(largest, part);
  }
  const float count = float(std::max<size_t>(corners.size() / 4, 1));
  return takesMaximum ? largest : sum / count;
}

} // namespace

/// Inputs: x [batches, channels, height, width], rois [regions, 4] as x1, y1, x2, y2, batches [regions]. Attributes:
/// output_height, output_width (1), sampling_ratio (0: as many as pixels), spatial_scale (1), half_pixel (1: pixels
/// have their centres at .5), mode ("avg", "max"). Result: [regions, channels, output_height, output_width]. Source:
/// ONNX RoiAlign, after Mask R-CNN (He et al. 2017).
Status roiAlign(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 3));
  const View &x = inputs[0], &rois = inputs[1], &batches = inputs[2];
  if (x.shape.size() != 4 || rois.shape.size() != 2 || rois.shape[1] != 4 || batches.shape.size() != 1 ||
      batches.shape[0] != rois.shape[0])
    return Status(Code::Malformed, "x, rois and batch indices are not [N, C, H, W], [regions, 4] and [regions]");
  const std::vector<double> scale = floatsAttr(attrs, "spatial_scale");
  const Settings settings{intAttr(attrs, "output_height", 1),   intAttr(attrs, "output_width", 1),
                          intAttr(attrs, "sampling_ratio", 0),  scale.empty() ? 1.0f : float(scale.front()),
                          intAttr(attrs, "half_pixel", 1) != 0, stringAttr(attrs, "mode", "avg") == "max"};
  if (settings.samplingRatio > mostSamples)
    return Status(Code::Malformed, "sampling_ratio is " + std::to_string(settings.samplingRatio) +
                                       ", expected at most " + std::to_string(mostSamples));
  Result<View> y = outputs.allocate(0, {rois.shape[0], x.shape[1], settings.height, settings.width});
  if (!y)
    return y.status();
  for (int64_t index = 0; index < rois.shape[0]; ++index) {
    const int64_t batch = load<int64_t>(batches, index * batches.strides[0]);
    if (batch < 0 || batch >= x.shape[0])
      return Status(Code::Malformed, "region " + std::to_string(index) + " lies in image " + std::to_string(batch) +
                                         " of " + std::to_string(x.shape[0]));
    const Region region = regionOf(rois, index, settings);
    for (int64_t place = 0; place < settings.height * settings.width; ++place) {
      const int64_t i = place / settings.width, j = place % settings.width;
      const std::vector<Corner> corners = cornersOf(region, i, j, x);
      for (int64_t channel = 0; channel < x.shape[1]; ++channel) {
        const int64_t plane = batch * x.strides[0] + channel * x.strides[1];
        const int64_t offset = index * y->strides[0] + channel * y->strides[1] + i * y->strides[2] + j * y->strides[3];
        store(*y, offset, double(combine(x, plane, corners, settings.takesMaximum)));
      }
    }
  }
  return Status::ok();
}

} // namespace heddle::host
