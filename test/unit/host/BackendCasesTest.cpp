// Tests host functions against the inputs and outputs of ONNX's backend suite, where the Python package is installed.
#include "test/unit/host/HostCall.h"
#include "tools/common/RunData.h"
#include "tools/io/TensorProto.h"

#include <filesystem>
#include <gtest/gtest.h>

namespace heddle::test {
namespace {

/// One case of the suite: its folder without "test_".
struct BackendCase {
  std::string name;
  std::string function;
  HostAttrs attrs;
};

HostAttrs tfIdf(int64_t shortest, int64_t skip) {
  return {{"min_gram_length", shortest},
          {"max_gram_length", int64_t(2)},
          {"max_skip_count", skip},
          {"mode", std::string("TF")},
          {"ngram_counts", std::vector<int64_t>{0, 4}},
          {"ngram_indexes", std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6}},
          {"pool_int64s", std::vector<int64_t>{2, 3, 5, 4, 5, 6, 7, 8, 6, 7}}};
}

const HostAttrs exclusive = {{"exclusive", int64_t(1)}}, reverse = {{"reverse", int64_t(1)}};
const HostAttrs both = {{"exclusive", int64_t(1)}, {"reverse", int64_t(1)}};

HostAttrs axis(int64_t value) { return {{"axis", value}}; }

const std::vector<BackendCase> cases = {
    {"compress_0", "compress", axis(0)},
    {"compress_1", "compress", axis(1)},
    {"compress_default_axis", "compress", {}},
    {"compress_negative_axis", "compress", axis(-1)},
    {"cumprod_1d", "cum_prod", {}},
    {"cumprod_1d_exclusive", "cum_prod", exclusive},
    {"cumprod_1d_int32_exclusive", "cum_prod", exclusive},
    {"cumprod_1d_reverse", "cum_prod", reverse},
    {"cumprod_1d_reverse_exclusive", "cum_prod", both},
    {"cumprod_2d_axis_0", "cum_prod", {}},
    {"cumprod_2d_negative_axis", "cum_prod", {}},
    {"cumsum_1d", "cum_sum", {}},
    {"cumsum_1d_exclusive", "cum_sum", exclusive},
    {"cumsum_1d_int32_exclusive", "cum_sum", exclusive},
    {"cumsum_1d_reverse", "cum_sum", reverse},
    {"cumsum_1d_reverse_exclusive", "cum_sum", both},
    {"cumsum_2d_axis_0", "cum_sum", {}},
    {"cumsum_2d_negative_axis", "cum_sum", {}},
    {"det_2d", "det", {}},
    {"det_nd", "det", {}},
    {"nonmaxsuppression_center_point_box_format", "non_max_suppression", {{"center_point_box", int64_t(1)}}},
    {"nonmaxsuppression_flipped_coordinates", "non_max_suppression", {}},
    {"nonmaxsuppression_identical_boxes", "non_max_suppression", {}},
    {"nonmaxsuppression_iou_threshold_boundary", "non_max_suppression", {}},
    {"nonmaxsuppression_limit_output_size", "non_max_suppression", {}},
    {"nonmaxsuppression_single_box", "non_max_suppression", {}},
    {"nonmaxsuppression_suppress_by_IOU", "non_max_suppression", {}},
    {"nonmaxsuppression_suppress_by_IOU_and_scores", "non_max_suppression", {}},
    {"nonmaxsuppression_two_batches", "non_max_suppression", {}},
    {"nonmaxsuppression_two_classes", "non_max_suppression", {}},
    {"nonzero_example", "nonzero", {}},
    {"range_bfloat16_type_positive_delta", "range", {}},
    {"range_float16_type_positive_delta", "range", {}},
    {"range_float_type_positive_delta", "range", {}},
    {"range_int32_type_negative_delta", "range", {}},
    {"reversesequence_batch", "reverse_sequence", {{"batch_axis", int64_t(0)}, {"time_axis", int64_t(1)}}},
    {"reversesequence_time", "reverse_sequence", {{"batch_axis", int64_t(1)}, {"time_axis", int64_t(0)}}},
    {"string_concat", "string_concat", {}},
    {"string_concat_broadcasting", "string_concat", {}},
    {"string_concat_empty_string", "string_concat", {}},
    {"string_concat_utf8", "string_concat", {}},
    {"string_concat_zero_dimensional", "string_concat", {}},
    {"string_split_basic", "string_split", {{"delimiter", std::string(".")}}},
    {"string_split_consecutive_delimiters", "string_split", {{"delimiter", std::string("-")}}},
    {"string_split_empty_string_delimiter", "string_split", {{"delimiter", std::string()}}},
    {"string_split_empty_tensor", "string_split", {}},
    {"string_split_maxsplit", "string_split", {{"maxsplit", int64_t(2)}}},
    {"string_split_no_delimiter", "string_split", {}},
    {"tfidfvectorizer_tf_batch_onlybigrams_skip0", "tfidf_vectorizer", tfIdf(2, 0)},
    {"tfidfvectorizer_tf_batch_onlybigrams_skip5", "tfidf_vectorizer", tfIdf(2, 5)},
    {"tfidfvectorizer_tf_batch_uniandbigrams_skip5", "tfidf_vectorizer", tfIdf(1, 5)},
    {"tfidfvectorizer_tf_only_bigrams_skip0", "tfidf_vectorizer", tfIdf(2, 0)},
    {"tfidfvectorizer_tf_onlybigrams_skip5", "tfidf_vectorizer", tfIdf(2, 5)},
    {"tfidfvectorizer_tf_uniandbigrams_skip5", "tfidf_vectorizer", tfIdf(1, 5)},
    {"top_k", "top_k", axis(1)},
    {"top_k_negative_axis", "top_k", axis(-1)},
    {"top_k_same_values", "top_k", axis(0)},
    {"top_k_same_values_2d", "top_k", axis(1)},
    {"top_k_same_values_largest", "top_k", axis(0)},
    {"top_k_smallest", "top_k", {{"axis", int64_t(1)}, {"largest", int64_t(0)}}},
    {"top_k_uint64", "top_k", axis(1)},
    {"unique_length_1", "unique", {}},
    {"unique_not_sorted_without_axis", "unique", {{"sorted", int64_t(0)}}},
    {"unique_sorted_with_axis", "unique", axis(0)},
    {"unique_sorted_with_axis_3d", "unique", axis(1)},
    {"unique_sorted_with_negative_axis", "unique", axis(-1)},
    {"unique_sorted_without_axis", "unique", {}},
};

/// The folder of the suite's single-node cases; empty if the package is not installed.
std::filesystem::path casesFolder() {
  std::error_code error;
  for (const auto &python : std::filesystem::directory_iterator(HEDDLE_VENV "/lib", error)) {
    std::filesystem::path folder = python.path() / "site-packages/onnx/backend/test/data/node";
    if (std::filesystem::is_directory(folder))
      return folder;
  }
  return {};
}

std::vector<Tensor> readAll(const std::filesystem::path &folder, const std::string &prefix) {
  std::vector<Tensor> tensors;
  while (true) {
    std::filesystem::path path = folder / (prefix + "_" + std::to_string(tensors.size()) + ".pb");
    if (!std::filesystem::exists(path))
      return tensors;
    Result<Tensor> tensor = readTensorFile(path.string());
    if (!tensor) {
      ADD_FAILURE() << tensor.status().message();
      return tensors;
    }
    tensors.push_back(std::move(*tensor));
  }
}

class BackendCases : public testing::TestWithParam<BackendCase> {};

TEST_P(BackendCases, GiveTheSuitesOutputs) {
  const std::filesystem::path folder = casesFolder();
  if (folder.empty())
    GTEST_SKIP() << "ONNX's Python package is not in " HEDDLE_VENV;
  const std::filesystem::path data = folder / ("test_" + GetParam().name) / "test_data_set_0";
  std::vector<Tensor> inputs = readAll(data, "input"), expected = readAll(data, "output");
  ASSERT_FALSE(expected.empty()) << data;
  std::vector<const Tensor *> given;
  for (const Tensor &input : inputs)
    given.push_back(&input);
  std::vector<DType> types;
  for (const Tensor &tensor : expected)
    types.push_back(tensor.type());
  Result<std::vector<Tensor>> results = callHost(GetParam().function, GetParam().attrs, given, types);
  ASSERT_TRUE(results) << results.status().message();
  for (size_t i = 0; i < expected.size(); ++i) {
    Status status = compareTensors(std::to_string(i), (*results)[i], expected[i], {});
    EXPECT_TRUE(status) << status.message();
  }
}

INSTANTIATE_TEST_SUITE_P(Host, BackendCases, testing::ValuesIn(cases),
                         [](const auto &info) { return info.param.name; });

} // namespace
} // namespace heddle::test
