// Reductions over the threads of a warp and of a block. Every thread gets the result, in an order that depends on
// nothing but the number of threads.
#ifndef HEDDLE_WARP_CUH
#define HEDDLE_WARP_CUH

#include "heddle/core.cuh"

namespace heddle {

/// A candidate of an arg-max or arg-min.
template <typename T> struct Best {
  T value;
  long long index;
};

struct Sum {
  template <typename T> HEDDLE_FN static T combine(T x, T y) { return x + y; }
  HEDDLE_FN static int combine(int x, int y) { return wrapAdd(x, y); }
  HEDDLE_FN static long long combine(long long x, long long y) { return wrapAdd(x, y); }
};
struct Product {
  template <typename T> HEDDLE_FN static T combine(T x, T y) { return x * y; }
  HEDDLE_FN static int combine(int x, int y) { return wrapMul(x, y); }
  HEDDLE_FN static long long combine(long long x, long long y) { return wrapMul(x, y); }
};
struct Maximum {
  template <typename T> HEDDLE_FN static T combine(T x, T y) { return maximum(x, y); }
};
struct Minimum {
  template <typename T> HEDDLE_FN static T combine(T x, T y) { return minimum(x, y); }
};

/// The better value wins and a NaN beats every number; of equals the first, or the last.
template <bool LARGEST, bool LAST> struct Arg {
  template <typename T> HEDDLE_FN static bool isBetter(T x, T y) {
    if (x != x || y != y)
      return x != x && y == y;
    return LARGEST ? x > y : x < y;
  }
  template <typename T> HEDDLE_FN static Best<T> combine(Best<T> x, Best<T> y) {
    if (isBetter(x.value, y.value))
      return x;
    if (isBetter(y.value, x.value))
      return y;
    return (x.index < y.index) != LAST ? x : y;
  }
};
using ArgMax = Arg<true, false>;
using ArgMin = Arg<false, false>;
using LastArgMax = Arg<true, true>;
using LastArgMin = Arg<false, true>;

/// The value of the lane whose number differs in the bits of `mask`.
HEDDLE_FN unsigned shuffleXor(unsigned x, int mask) {
  unsigned other;
  asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 0x1f, 0xffffffff;" : "=r"(other) : "r"(x), "r"(mask));
  return other;
}
template <typename T> HEDDLE_FN T shuffleXor(T x, int mask) {
  static_assert(sizeof(T) <= 4, "wider types have their own overload");
  return (T)shuffleXor((unsigned)x, mask);
}
HEDDLE_FN float shuffleXor(float x, int mask) {
  float other;
  asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 0x1f, 0xffffffff;" : "=f"(other) : "f"(x), "r"(mask));
  return other;
}
HEDDLE_FN unsigned long long shuffleXor(unsigned long long x, int mask) {
  const unsigned low = shuffleXor((unsigned)x, mask), high = shuffleXor((unsigned)(x >> 32), mask);
  return (unsigned long long)high << 32 | low;
}
HEDDLE_FN long long shuffleXor(long long x, int mask) { return (long long)shuffleXor((unsigned long long)x, mask); }
HEDDLE_FN double shuffleXor(double x, int mask) {
  unsigned low, high;
  asm("mov.b64 {%0, %1}, %2;" : "=r"(low), "=r"(high) : "d"(x));
  low = shuffleXor(low, mask);
  high = shuffleXor(high, mask);
  asm("mov.b64 %0, {%1, %2};" : "=d"(x) : "r"(low), "r"(high));
  return x;
}
template <typename T> HEDDLE_FN Best<T> shuffleXor(Best<T> x, int mask) {
  return {shuffleXor(x.value, mask), shuffleXor(x.index, mask)};
}

/// Combines one value per lane; all 32 lanes take part.
template <typename Op, typename T> HEDDLE_FN T warpReduce(T x) {
#pragma unroll
  for (int mask = 16; mask > 0; mask /= 2)
    x = Op::combine(x, shuffleXor(x, mask));
  return x;
}

/// Combines one value per thread of a one-dimensional block; all threads take part, THREADS is a multiple of 32.
template <typename Op, int THREADS, typename T> HEDDLE_FN T blockReduce(T x) {
  static_assert(THREADS % 32 == 0 && THREADS <= 1024, "a block reduction needs whole warps");
  constexpr int WARPS = THREADS / 32;
  x = warpReduce<Op>(x);
  if constexpr (WARPS > 1) {
    __shared__ T partial[WARPS];
    // The array may still be read by a slower warp that is inside the reduction before this one.
    __syncthreads();
    if (threadIdx.x % 32 == 0)
      partial[threadIdx.x / 32] = x;
    __syncthreads();
    x = partial[0];
#pragma unroll
    for (int warp = 1; warp < WARPS; ++warp)
      x = Op::combine(x, partial[warp]);
  }
  return x;
}

template <int THREADS, typename T> HEDDLE_FN T blockSum(T x) { return blockReduce<Sum, THREADS>(x); }
template <int THREADS, typename T> HEDDLE_FN T blockProduct(T x) { return blockReduce<Product, THREADS>(x); }
template <int THREADS, typename T> HEDDLE_FN T blockMax(T x) { return blockReduce<Maximum, THREADS>(x); }
template <int THREADS, typename T> HEDDLE_FN T blockMin(T x) { return blockReduce<Minimum, THREADS>(x); }

} // namespace heddle

#endif // HEDDLE_WARP_CUH
