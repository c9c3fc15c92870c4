// Tiles of a matrix product on plain multiply-add: bounded loads into shared memory, the inner product, the epilogue.
//
// A block of (BM / TM) * (BN / TN) threads computes BM x BN results in steps of BK. A thread owns TM x TN results that
// lie (BM / TM) rows and (BN / TN) columns apart, so that neighbouring threads own neighbouring columns.
#ifndef HEDDLE_TILE_CUH
#define HEDDLE_TILE_CUH

#include "heddle/core.cuh"

namespace heddle {

/// tile[i][j] = load(row0 + i, col0 + j), 0 outside rows x cols. Neighbouring threads load neighbouring columns.
template <int THREADS, typename T, int ROWS, int COLS, typename Load>
HEDDLE_FN void loadTile(T (&tile)[ROWS][COLS], int row0, int col0, int rows, int cols, Load load) {
#pragma unroll 4
  for (int at = threadIdx.x; at < ROWS * COLS; at += THREADS) {
    const int row = row0 + at / COLS, col = col0 + at % COLS;
    tile[at / COLS][at % COLS] = row < rows && col < cols ? load(row, col) : T(0);
  }
}

/// tile[j][i] = load(row0 + i, col0 + j), 0 outside rows x cols. Neighbouring threads load neighbouring columns; PITCH
/// is ROWS and a few elements that keep their stores out of one bank.
template <int THREADS, int ROWS, typename T, int COLS, int PITCH, typename Load>
HEDDLE_FN void loadTileTransposed(T (&tile)[COLS][PITCH], int row0, int col0, int rows, int cols, Load load) {
  static_assert(PITCH >= ROWS, "a row of the tile does not fit");
#pragma unroll 4
  for (int at = threadIdx.x; at < ROWS * COLS; at += THREADS) {
    const int row = row0 + at / COLS, col = col0 + at % COLS;
    tile[at % COLS][at / COLS] = row < rows && col < cols ? load(row, col) : T(0);
  }
}

/// Adds the product of lhs (BK x BM, transposed) and rhs (BK x BN) to this thread's results.
template <int BM, int BN, typename T, int BK, int LHS, int RHS, int TM, int TN>
HEDDLE_FN void multiplyTiles(const T (&lhs)[BK][LHS], const T (&rhs)[BK][RHS], T (&acc)[TM][TN]) {
  constexpr int ROW_STEP = BM / TM, COL_STEP = BN / TN;
  const int row = threadIdx.x / COL_STEP, col = threadIdx.x % COL_STEP;
#pragma unroll
  for (int k = 0; k < BK; ++k) {
    T x[TM], y[TN];
#pragma unroll
    for (int i = 0; i < TM; ++i)
      x[i] = lhs[k][row + i * ROW_STEP];
#pragma unroll
    for (int j = 0; j < TN; ++j)
      y[j] = rhs[k][col + j * COL_STEP];
#pragma unroll
    for (int i = 0; i < TM; ++i) {
#pragma unroll
      for (int j = 0; j < TN; ++j)
        acc[i][j] = multiplyAdd(x[i], y[j], acc[i][j]);
    }
  }
}

/// Calls store(row, col, value) for this thread's results inside rows x cols.
template <int BM, int BN, typename T, int TM, int TN, typename Store>
HEDDLE_FN void storeTile(const T (&acc)[TM][TN], int row0, int col0, int rows, int cols, Store store) {
  constexpr int ROW_STEP = BM / TM, COL_STEP = BN / TN;
#pragma unroll
  for (int i = 0; i < TM; ++i) {
    const int row = row0 + threadIdx.x / COL_STEP + i * ROW_STEP;
#pragma unroll
    for (int j = 0; j < TN; ++j) {
      const int col = col0 + threadIdx.x % COL_STEP + j * COL_STEP;
      if (row < rows && col < cols)
        store(row, col, acc[i][j]);
    }
  }
}

} // namespace heddle

#endif // HEDDLE_TILE_CUH
