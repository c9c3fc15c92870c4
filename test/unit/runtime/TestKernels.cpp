// Kernels for tests, with the entry that every CPU kernel has.
#include <cstdint>

extern "C" {

/// c[i] = a[i] + b[i] for task i.
int32_t add(void *const *buffers, const int64_t *, int64_t begin, int64_t end, void *) {
  const float *a = static_cast<const float *>(buffers[0]);
  const float *b = static_cast<const float *>(buffers[1]);
  float *c = static_cast<float *>(buffers[2]);
  for (int64_t i = begin; i < end; ++i)
    c[i] = a[i] + b[i];
  return 0;
}

/// y[r] = sum over columns of x[r, :], x has `columns` columns; sums in scratch, one cell per thread.
int32_t rowSums(void *const *buffers, const int64_t *sizes, int64_t begin, int64_t end, void *scratch) {
  const float *x = static_cast<const float *>(buffers[0]);
  float *y = static_cast<float *>(buffers[1]);
  float *sum = static_cast<float *>(scratch);
  for (int64_t row = begin; row < end; ++row) {
    *sum = 0;
    for (int64_t column = 0; column < sizes[0]; ++column)
      *sum += x[row * sizes[0] + column];
    y[row] = *sum;
  }
  return 0;
}

/// y[i] = x[index[i]]; fails check 1 if an index is negative or not below `count`.
int32_t gather(void *const *buffers, const int64_t *sizes, int64_t begin, int64_t end, void *) {
  const float *x = static_cast<const float *>(buffers[0]);
  const int64_t *index = static_cast<const int64_t *>(buffers[1]);
  float *y = static_cast<float *>(buffers[2]);
  for (int64_t i = begin; i < end; ++i) {
    if (index[i] < 0 || index[i] >= sizes[0])
      return 2;
    y[i] = x[index[i]];
  }
  return 0;
}

/// flag = total < limit, one task.
int32_t below(void *const *buffers, const int64_t *, int64_t, int64_t, void *) {
  *static_cast<uint8_t *>(buffers[2]) =
      *static_cast<const float *>(buffers[0]) < *static_cast<const float *>(buffers[1]);
  return 0;
}

/// present = past with x appended; past has `count` elements.
int32_t append(void *const *buffers, const int64_t *sizes, int64_t begin, int64_t end, void *) {
  const float *past = static_cast<const float *>(buffers[0]);
  const float *x = static_cast<const float *>(buffers[1]);
  float *present = static_cast<float *>(buffers[2]);
  for (int64_t i = begin; i < end; ++i)
    present[i] = i < sizes[0] ? past[i] : *x;
  return 0;
}

/// present = past with all ids appended, as floats; past has `count` elements. Task i makes element i.
int32_t remember(void *const *buffers, const int64_t *sizes, int64_t begin, int64_t end, void *) {
  const float *past = static_cast<const float *>(buffers[0]);
  const int64_t *ids = static_cast<const int64_t *>(buffers[1]);
  float *present = static_cast<float *>(buffers[2]);
  for (int64_t i = begin; i < end; ++i)
    present[i] = i < sizes[0] ? past[i] : static_cast<float>(ids[i - sizes[0]]);
  return 0;
}

/// A language model whose next token is the sum of all tokens so far modulo `vocabulary`: task i makes the logits after
/// token i of this step.
int32_t sumLogits(void *const *buffers, const int64_t *sizes, int64_t begin, int64_t end, void *) {
  const float *present = static_cast<const float *>(buffers[0]);
  float *logits = static_cast<float *>(buffers[1]);
  const int64_t past = sizes[0], vocabulary = sizes[1];
  for (int64_t i = begin; i < end; ++i) {
    int64_t sum = 0;
    for (int64_t token = 0; token <= past + i; ++token)
      sum += static_cast<int64_t>(present[token]);
    for (int64_t id = 0; id < vocabulary; ++id)
      logits[i * vocabulary + id] = id == sum % vocabulary ? 1.0f : 0.0f;
  }
  return 0;
}
}
