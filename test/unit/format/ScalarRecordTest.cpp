// The contract of ScalarMath's value types: a type that only records operations can be used for every function.
#include "runtime/format/ScalarMath.h"
#include "test/unit/format/Ulps.h"

#include <functional>
#include <gtest/gtest.h>

namespace recording {

/// A recorded program: each operation computes one more value from earlier ones.
struct Tape {
  std::vector<std::function<uint64_t(const std::vector<uint64_t> &)>> steps;

  std::vector<uint64_t> run(const std::vector<uint64_t> &inputs) const {
    std::vector<uint64_t> values = inputs;
    for (const auto &step : steps)
      values.push_back(step(values));
    return values;
  }
};

/// A value of the tape that stands for a `Native`: float, double, their bit patterns, or bool.
template <class Native> struct Value {
  Tape *tape = nullptr;
  size_t index = 0;
};

template <class Native> uint64_t pack(Native value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return bits;
}
template <class Native> Native unpack(uint64_t bits) {
  Native value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

constexpr size_t inputCount = 2;

/// Records `operation`, a function of native values.
template <class Result, class Operation, class First, class... Operands>
Value<Result> record(Operation operation, Value<First> first, Value<Operands>... operands) {
  Tape *tape = first.tape;
  tape->steps.push_back([=](const std::vector<uint64_t> &values) {
    return pack<Result>(operation(unpack<First>(values[first.index]), unpack<Operands>(values[operands.index])...));
  });
  return {tape, inputCount + tape->steps.size() - 1};
}

using F32 = Value<float>;
using F64 = Value<double>;
using I32 = Value<heddle::scalar::Bits32>;
using I64 = Value<heddle::scalar::Bits64>;
using Condition = Value<bool>;

#define HEDDLE_RECORD_BINARY(RESULT, OP)                                                                               \
  template <class N> auto operator OP(Value<N> a, Value<N> b) {                                                        \
    return record<RESULT>([](N x, N y) { return static_cast<RESULT>(x OP y); }, a, b);                                 \
  }
HEDDLE_RECORD_BINARY(N, +)
HEDDLE_RECORD_BINARY(N, -)
HEDDLE_RECORD_BINARY(N, *)
HEDDLE_RECORD_BINARY(N, /)
HEDDLE_RECORD_BINARY(N, &)
HEDDLE_RECORD_BINARY(N, |)
HEDDLE_RECORD_BINARY(N, ^)
HEDDLE_RECORD_BINARY(bool, <)
HEDDLE_RECORD_BINARY(bool, <=)
HEDDLE_RECORD_BINARY(bool, >)
HEDDLE_RECORD_BINARY(bool, >=)
HEDDLE_RECORD_BINARY(bool, ==)
HEDDLE_RECORD_BINARY(bool, !=)
template <class N> Value<N> operator-(Value<N> a) {
  return record<N>([](N x) { return -x; }, a);
}
inline Condition both(Condition a, Condition b) {
  return record<bool>([](bool x, bool y) { return x && y; }, a, b);
}
inline Condition either(Condition a, Condition b) {
  return record<bool>([](bool x, bool y) { return x || y; }, a, b);
}
inline Condition inverse(Condition a) {
  return record<bool>([](bool x) { return !x; }, a);
}

template <class N, class C> Value<N> constant(Value<N> like, C value) {
  return record<N>([value](N) { return heddle::scalar::constant(N{}, value); }, like);
}
template <class N> Value<N> select(Condition condition, Value<N> a, Value<N> b) {
  return record<N>([](bool c, N x, N y) { return c ? x : y; }, condition, a, b);
}
template <class N, class Slow> Value<N> rarely(Condition condition, Value<N> usual, Slow slow) {
  return select(condition, slow(), usual);
}
template <class N> Value<N> shiftLeft(Value<N> a, int count) {
  return record<N>([count](N x) { return heddle::scalar::shiftLeft(x, count); }, a);
}
template <class N> Value<N> shiftRight(Value<N> a, int count) {
  return record<N>([count](N x) { return heddle::scalar::shiftRight(x, count); }, a);
}
template <class N> Value<N> shiftRightSigned(Value<N> a, int count) {
  return record<N>([count](N x) { return heddle::scalar::shiftRightSigned(x, count); }, a);
}
template <class N> Condition signedLess(Value<N> a, Value<N> b) {
  return record<bool>([](N x, N y) { return heddle::scalar::signedLess(x, y); }, a, b);
}
template <class N> Value<N> fma(Value<N> a, Value<N> b, Value<N> c) {
  return record<N>([](N x, N y, N z) { return heddle::scalar::fma(x, y, z); }, a, b, c);
}

#define HEDDLE_RECORD_UNARY(RESULT, NAME, N)                                                                           \
  inline Value<RESULT> NAME(Value<N> a) {                                                                              \
    return record<RESULT>([](N x) { return heddle::scalar::NAME(x); }, a);                                             \
  }
HEDDLE_RECORD_UNARY(float, sqrt, float)
HEDDLE_RECORD_UNARY(double, sqrt, double)
HEDDLE_RECORD_UNARY(float, abs, float)
HEDDLE_RECORD_UNARY(double, abs, double)
HEDDLE_RECORD_UNARY(float, roundEven, float)
HEDDLE_RECORD_UNARY(double, roundEven, double)
HEDDLE_RECORD_UNARY(float, trunc, float)
HEDDLE_RECORD_UNARY(double, trunc, double)
HEDDLE_RECORD_UNARY(heddle::scalar::Bits32, bitsOf, float)
HEDDLE_RECORD_UNARY(heddle::scalar::Bits64, bitsOf, double)
HEDDLE_RECORD_UNARY(float, fromBits, heddle::scalar::Bits32)
HEDDLE_RECORD_UNARY(double, fromBits, heddle::scalar::Bits64)
HEDDLE_RECORD_UNARY(float, toFloat, heddle::scalar::Bits32)
HEDDLE_RECORD_UNARY(double, toFloat, heddle::scalar::Bits64)
HEDDLE_RECORD_UNARY(heddle::scalar::Bits32, toInt32, float)
HEDDLE_RECORD_UNARY(heddle::scalar::Bits64, toInt64, float)
HEDDLE_RECORD_UNARY(double, widen, float)
HEDDLE_RECORD_UNARY(float, narrow, double)

} // namespace recording

namespace heddle::scalar {
template <> struct FloatTraits<recording::F32> : FloatTraits<float> {
  using Bits = recording::I32;
};
template <> struct FloatTraits<recording::F64> : FloatTraits<double> {
  using Bits = recording::I64;
};
} // namespace heddle::scalar

using namespace heddle;

namespace {

using scalar::toFloat;

template <class Result, class T> struct Program {
  recording::Tape tape;
  recording::Value<Result> result;

  template <class Function> static Program recordFrom(Function function) {
    Program program;
    program.result = function(recording::Value<T>{&program.tape, 0}, recording::Value<T>{&program.tape, 1});
    return program;
  }
  Result operator()(T x, T y) const {
    return recording::unpack<Result>(tape.run({recording::pack(x), recording::pack(y)})[result.index]);
  }
};

/// The tape must give what the native instantiation gives, bit for bit (all NaNs being equal).
template <class T, class Function> void expectSameAsNative(const char *name, Function function) {
  auto program = Program<T, T>::recordFrom(function);
  program.result.tape = nullptr;
  std::mt19937_64 random(9);
  std::vector<T> values = {T(0), T(-0.0), T(1), T(INFINITY), T(NAN), T(-3), T(1e30), T(1e-40)};
  std::uniform_real_distribution<double> uniform(-20, 20);
  for (int i = 0; i < 200; ++i)
    values.push_back(static_cast<T>(i % 3 == 0 ? std::ldexp(uniform(random), static_cast<int>(random() % 200) - 100)
                                               : uniform(random)));
  for (size_t i = 0; i < values.size(); ++i) {
    T x = values[i], y = values[(i * 7 + 3) % values.size()], native = function(x, y), recorded = program(x, y);
    ASSERT_TRUE(std::memcmp(&native, &recorded, sizeof(T)) == 0 || (std::isnan(native) && std::isnan(recorded)))
        << name << "(" << x << ", " << y << "): native " << native << ", recorded " << recorded;
  }
}

// The CPU code generator records these templates as vector operations; a branch on a value would not even compile.
TEST(ScalarRecord, EveryFunctionCanBeRecorded) {
#define HEDDLE_CHECK_RECORDED(NAME)                                                                                    \
  expectSameAsNative<float>(#NAME, [](auto x, auto) { return scalar::NAME(x); });                                      \
  expectSameAsNative<double>(#NAME, [](auto x, auto) { return scalar::NAME(x); });
  HEDDLE_CHECK_RECORDED(exp)
  HEDDLE_CHECK_RECORDED(exp2)
  HEDDLE_CHECK_RECORDED(expm1)
  HEDDLE_CHECK_RECORDED(sinh)
  HEDDLE_CHECK_RECORDED(cosh)
  HEDDLE_CHECK_RECORDED(tanh)
  HEDDLE_CHECK_RECORDED(log)
  HEDDLE_CHECK_RECORDED(log1p)
  HEDDLE_CHECK_RECORDED(asinh)
  HEDDLE_CHECK_RECORDED(acosh)
  HEDDLE_CHECK_RECORDED(atanh)
  HEDDLE_CHECK_RECORDED(sin)
  HEDDLE_CHECK_RECORDED(cos)
  HEDDLE_CHECK_RECORDED(tan)
  HEDDLE_CHECK_RECORDED(asin)
  HEDDLE_CHECK_RECORDED(acos)
  HEDDLE_CHECK_RECORDED(atan)
  HEDDLE_CHECK_RECORDED(erf)
#undef HEDDLE_CHECK_RECORDED
}

TEST(ScalarRecord, FunctionsOfTwoArgumentsCanBeRecorded) {
  auto pow = [](auto x, auto y) { return scalar::pow(x, y); };
  auto fmod = [](auto x, auto y) { return scalar::fmod(x, y); };
  auto maximum = [](auto x, auto y) { return scalar::maximum(x, y); };
  expectSameAsNative<float>("pow", pow);
  expectSameAsNative<double>("pow", pow);
  expectSameAsNative<float>("fmod", fmod);
  expectSameAsNative<double>("fmod", fmod);
  expectSameAsNative<float>("maximum", maximum);
}

TEST(ScalarRecord, ConversionsCanBeRecorded) {
  auto half = [](auto x, auto) {
    return scalar::decodeSmallFloat<scalar::F16>(x, scalar::encodeSmallFloat<scalar::F16>(x, false));
  };
  auto byte = [](auto x, auto) {
    return scalar::decodeSmallFloat<scalar::F8E4M3FNUZ>(x, scalar::encodeSmallFloat<scalar::F8E4M3FNUZ>(x, true));
  };
  auto power = [](auto x, auto) {
    return scalar::decodePowerOfTwo(x, scalar::encodePowerOfTwo(x, scalar::PowerRounding::Nearest, true));
  };
  auto integer = [](auto x, auto) { return toFloat(scalar::toIntegerSaturated<32, false>(x)); };
  expectSameAsNative<float>("f16", half);
  expectSameAsNative<float>("f8", byte);
  expectSameAsNative<float>("f8e8m0", power);
  expectSameAsNative<float>("u32", integer);
}

// What a vector of f32 costs, as operations: a change here is a change of every kernel that uses the function.
TEST(ScalarRecord, OperationCountsStaySane) {
  auto countOf = [](auto function) { return Program<float, float>::recordFrom(function).tape.steps.size(); };
  EXPECT_LE(countOf([](auto x, auto) { return scalar::exp(x); }), 50u);
  EXPECT_LE(countOf([](auto x, auto) { return scalar::tanh(x); }), 75u);
  EXPECT_LE(countOf([](auto x, auto) { return scalar::erf(x); }), 110u);
  EXPECT_LE(countOf([](auto x, auto) { return scalar::log(x); }), 60u);
}

} // namespace
