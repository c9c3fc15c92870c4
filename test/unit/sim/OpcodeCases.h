// Expected results of single PTX instructions, for the test of the opcode table's rows.
#ifndef HEDDLE_TEST_UNIT_SIM_OPCODECASES_H
#define HEDDLE_TEST_UNIT_SIM_OPCODECASES_H

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

namespace heddle::sim {

/// One instruction on registers: `opcode d, a, b, ...;`, each lane with its own values.
struct AluCase {
  std::string opcode;
  /// "d=ab...": h, w, d for 16-, 32- and 64-bit registers, p for predicates.
  std::string signature;
  /// Per lane: the expected result, then the sources.
  std::vector<std::vector<uint64_t>> lanes;
};

/// Statements that leave a 32-bit result per lane in %r0. %r1 is the lane, %rd1 a buffer of 32 words holding 100 +
/// lane, %rd2 one of 32 double words; `s` is 256 bytes of shared memory, `l` 16 bytes of local memory, `c` the constant
/// words 7, 8, 9; %p1, %r2..., %rd3..., %h1..., %f1... are free.
struct BodyCase {
  std::string body;
  std::vector<uint32_t> expected; ///< By lane; one value stands for all.
};

inline uint64_t f32(float value) { return std::bit_cast<uint32_t>(value); }
inline uint64_t f64(double value) { return std::bit_cast<uint64_t>(value); }
constexpr uint64_t nan32 = 0x7fffffff;

std::vector<AluCase> integerCases();
std::vector<AluCase> bitCases();
std::vector<AluCase> floatCases();
std::vector<AluCase> halfCases();
std::vector<AluCase> compareCases();
std::vector<AluCase> convertCases();
std::vector<BodyCase> bodyCases();

} // namespace heddle::sim

#endif // HEDDLE_TEST_UNIT_SIM_OPCODECASES_H
