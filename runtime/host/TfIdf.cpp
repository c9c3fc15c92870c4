// Host function `tfidf_vectorizer`: counts of n-grams of integers, weighted.
#include "runtime/host/Elements.h"
#include "runtime/host/Functions.h"

#include <map>

namespace heddle::host {
namespace {

/// The n-grams to look for and where their figures go.
struct Pool {
  std::map<std::vector<int64_t>, std::pair<size_t, size_t>> grams; ///< n-gram -> (its number in the pool, column).
  size_t columns = 0;
};

/// `starts[n - 1]` is where the n-grams of length n begin in `values`.
Result<Pool> makePool(const std::vector<int64_t> &values, const std::vector<int64_t> &starts,
                      const std::vector<int64_t> &indexes) {
  Pool pool;
  size_t number = 0;
  for (size_t n = 1; n <= starts.size(); ++n) {
    const int64_t begin = starts[n - 1], end = n < starts.size() ? starts[n] : int64_t(values.size());
    if (begin < 0 || end < begin || end > int64_t(values.size()) || size_t(end - begin) % n != 0)
      return Status(Code::Malformed, "the n-grams of length " + std::to_string(n) + " lie at [" +
                                         std::to_string(begin) + ", " + std::to_string(end) + ") of " +
                                         std::to_string(values.size()));
    for (int64_t at = begin; at < end; at += int64_t(n), ++number) {
      if (number >= indexes.size() || indexes[number] < 0 || indexes[number] > int64_t(1) << 32)
        return Status(Code::Malformed, "n-gram " + std::to_string(number) + " has no column");
      std::vector<int64_t> gram(values.begin() + at, values.begin() + at + int64_t(n));
      pool.grams.emplace(std::move(gram), std::pair(number, size_t(indexes[number])));
      pool.columns = std::max(pool.columns, size_t(indexes[number]) + 1);
    }
  }
  return pool;
}

/// Adds the n-grams of `row` that the pool has: elements 1 + skip apart, for every skip up to `mostSkip`.
void countGrams(const std::vector<int64_t> &row, const Pool &pool, size_t shortest, size_t longest, size_t mostSkip,
                std::vector<double> &counts) {
  auto count = [&](size_t n, size_t start, size_t step) {
    std::vector<int64_t> gram;
    for (size_t i = 0; i < n; ++i)
      gram.push_back(row[start + i * step]);
    if (auto found = pool.grams.find(gram); found != pool.grams.end())
      counts[found->second.second] += 1;
  };
  for (size_t n = shortest; n <= longest; ++n)
    for (size_t skip = 0; skip <= (n == 1 ? 0 : mostSkip); ++skip)
      for (size_t start = 0; start + (n - 1) * (skip + 1) < row.size(); ++start)
        count(n, start, skip + 1);
}

} // namespace

/// Inputs: x, integers [n] or [batches, n]. Attributes: pool_int64s, ngram_counts, ngram_indexes, weights,
/// min_gram_length, max_gram_length, max_skip_count, mode ("TF", "IDF", "TFIDF"). Result: f32 [columns] or [batches,
/// columns]. Source: ONNX TfIdfVectorizer.
Status tfIdfVectorizer(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 1));
  const View &x = inputs[0];
  if (x.shape.empty() || x.shape.size() > 2 || !isSignedInteger(x.type))
    return Status(Code::Malformed, "the input is not signed integers of rank 1 or 2");
  Result<Pool> pool =
      makePool(intsAttr(attrs, "pool_int64s"), intsAttr(attrs, "ngram_counts"), intsAttr(attrs, "ngram_indexes"));
  if (!pool)
    return pool.status();
  const int64_t batches = x.shape.size() == 2 ? x.shape[0] : 1, length = x.shape.back();
  std::vector<int64_t> shape = {int64_t(pool->columns)};
  if (x.shape.size() == 2)
    shape.insert(shape.begin(), batches);
  Result<View> y = outputs.allocate(0, shape);
  if (!y)
    return y.status();
  const std::string mode = stringAttr(attrs, "mode", "TF");
  const std::vector<double> weights = floatsAttr(attrs, "weights");
  std::vector<int64_t> from = rowMajorOffsets(x), to = rowMajorOffsets(*y);
  for (int64_t batch = 0; batch < batches; ++batch) {
    std::vector<int64_t> row;
    for (int64_t i = 0; i < length; ++i)
      row.push_back(load<int64_t>(x, from[size_t(batch * length + i)]));
    std::vector<double> counts(pool->columns, 0.0);
    countGrams(row, *pool, size_t(intAttr(attrs, "min_gram_length", 1)), size_t(intAttr(attrs, "max_gram_length", 1)),
               size_t(intAttr(attrs, "max_skip_count", 0)), counts);
    // A column that no n-gram names is 0.
    for (size_t column = 0; column < pool->columns; ++column)
      store(*y, to[size_t(batch) * pool->columns + column], 0.0);
    for (const auto &[gram, place] : pool->grams) {
      const auto [number, column] = place;
      const double weight = number < weights.size() ? weights[number] : 1.0, count = counts[column];
      const double figure = mode == "TF" ? count : mode == "IDF" ? (count > 0 ? weight : 0.0) : count * weight;
      store(*y, to[size_t(batch) * pool->columns + column], figure);
    }
  }
  return Status::ok();
}

} // namespace heddle::host
