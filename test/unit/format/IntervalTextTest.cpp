// The CSV form of packing problems.
#include "runtime/format/IntervalText.h"

#include <gtest/gtest.h>

using namespace heddle;

namespace {

std::string errorOf(std::string_view text) {
  Result<IntervalTable> table = parseIntervals(text);
  return table.isOk() ? "no error" : table.status().message();
}

TEST(IntervalText, ReadsColumnsInAnyOrder) {
  Result<IntervalTable> table = parseIntervals("size, id ,upper,lower,offset\r\n64,a,5,2,\n\n 8,b,3,0,128\n");
  ASSERT_TRUE(table.isOk()) << table.status().message();
  ASSERT_EQ(table->intervals.size(), 2u);
  EXPECT_EQ(table->names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table->intervals[0].first, 2);
  EXPECT_EQ(table->intervals[0].last, 5);
  EXPECT_EQ(table->intervals[0].size, 64);
  EXPECT_EQ(table->intervals[0].pinned, std::nullopt);
  EXPECT_EQ(table->intervals[1].pinned, 128);
}

TEST(IntervalText, PrintsWhatItReads) {
  std::string text = "id,lower,upper,size,offset\nx,0,2,8,0\ny,1,3,4,8\n";
  Result<IntervalTable> table = parseIntervals(text);
  ASSERT_TRUE(table.isOk());
  std::vector<int64_t> offsets = {0, 8};
  EXPECT_EQ(printPacking(*table, offsets), text);
}

TEST(IntervalText, ErrorsGiveTheLine) {
  const std::string header = "id,lower,upper,size\n";
  EXPECT_EQ(errorOf(""), "line 1: expected the header 'id,lower,upper,size', got the end");
  EXPECT_EQ(errorOf("id,lower,upper\n"), "line 1: no column 'size' in the header");
  EXPECT_EQ(errorOf("id,lower,upper,size,size\n"), "line 1: column 'size' appears twice");
  EXPECT_EQ(errorOf("id,begin\n"), "line 1: unknown column 'begin', expected id, lower, upper, size or offset");
  EXPECT_EQ(errorOf(header + "a,0,1,8\nb,0,1\n"), "line 3: got 3 fields, expected 4");
  EXPECT_EQ(errorOf(header + "\na,0,x\x1b,8\n"), "line 3: upper is 'x?', expected an integer of 64 bits");
  EXPECT_EQ(errorOf(header + "a,0,1,99999999999999999999\n"),
            "line 2: size is '99999999999999999999', expected an integer of 64 bits");
  EXPECT_EQ(errorOf(header + "a,3,3,8\n"), "line 2: upper is 3, expected more than lower, 3");
  EXPECT_EQ(errorOf(header + "a,0,1,-8\n"), "line 2: size is -8, expected 0 or more");
  EXPECT_EQ(errorOf(header + "a,0,1,8\na,0,1,8\n"), "line 3: id 'a' appears twice");
  EXPECT_EQ(errorOf("id,lower,upper,size,offset\na,0,1,8,-1\n"),
            "line 2: offset is -1, expected 0 or more and an end below 2^63");
}

} // namespace
