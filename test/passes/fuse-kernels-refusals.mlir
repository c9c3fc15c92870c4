// RUN: heddle-opt %s --heddle-fuse-kernels --remarks-filter=heddle.fusion 2>&1 >/dev/null | FileCheck %s --implicit-check-not=remark:

// Every refused fusion names the producer's place and the rule that kept it out; nothing else is refused here.

// The negation is needed by the product, which comes before the softmax that could compute it too.
func.func @other_users(%x: tensor<4x8xf32>, %w: tensor<8x8xf32>) -> tensor<4x8xf32> {
  // CHECK: :[[@LINE+1]]:{{.*}}remark:{{.*}}fusion{{.*}}rule other-users
  %0 = heddle.neg %x : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = heddle.matmul %0, %w : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %2 = heddle.softmax %0 axis 1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %3 = heddle.add %1, %2 : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %3 : tensor<4x8xf32>
}

// A table that a gather reads at computed places stays a tensor; the places themselves are computed in the kernel.
func.func @gather_source(%x: tensor<9x4xf32>, %i: tensor<2xi64>) -> tensor<2x4xf32> {
  // CHECK: :[[@LINE+1]]:{{.*}}remark:{{.*}}fusion{{.*}}rule gather-source
  %0 = heddle.neg %x : (tensor<9x4xf32>) -> tensor<9x4xf32>
  %1 = heddle.abs %i : (tensor<2xi64>) -> tensor<2xi64>
  %2 = heddle.gather %0, %1 axis 0 : (tensor<9x4xf32>, tensor<2xi64>) -> tensor<2x4xf32>
  return %2 : tensor<2x4xf32>
}

// The exp of a column would be computed for each of 512 columns; its negation costs nothing.
func.func @recompute_expensive(%x: tensor<4x1xf32>, %y: tensor<4x512xf32>) -> tensor<4x512xf32> {
  // CHECK: :[[@LINE+1]]:{{.*}}remark:{{.*}}fusion{{.*}}rule recompute-expensive
  %0 = heddle.exp %x : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %1 = heddle.neg %0 : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %2 = heddle.add %1, %y : (tensor<4x1xf32>, tensor<4x512xf32>) -> tensor<4x512xf32>
  return %2 : tensor<4x512xf32>
}

// A softmax over rows of 8 cannot join one over rows of 4.
func.func @row_shape(%x: tensor<4x8xf32>) -> tensor<8x4xf32> {
  // CHECK: :[[@LINE+1]]:{{.*}}remark:{{.*}}fusion{{.*}}rule row-shape
  %0 = heddle.softmax %x axis 1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = heddle.transpose %0 perm [1, 0] : (tensor<4x8xf32>) -> tensor<8x4xf32>
  %2 = heddle.softmax %1 axis 1 : (tensor<8x4xf32>) -> tensor<8x4xf32>
  return %2 : tensor<8x4xf32>
}

// Rows of a table are gathered as rows; the transpose comes after.
func.func @transposed_gather(%x: tensor<9x4xf32>, %i: tensor<2xi64>) -> tensor<4x2xf32> {
  // CHECK: :[[@LINE+1]]:{{.*}}remark:{{.*}}fusion{{.*}}rule transposed-gather
  %0 = heddle.gather %x, %i axis 0 : (tensor<9x4xf32>, tensor<2xi64>) -> tensor<2x4xf32>
  %1 = heddle.transpose %0 perm [1, 0] : (tensor<2x4xf32>) -> tensor<4x2xf32>
  return %1 : tensor<4x2xf32>
}

// Concatenations of concatenations repeat what they read: 64 copies are one kernel, the 128 of the next would be two.
func.func @copies(%x: tensor<1xf32>) -> tensor<128xf32> {
  // CHECK: :[[@LINE+1]]:{{.*}}remark:{{.*}}fusion{{.*}}rule group-size
  %0 = heddle.neg %x : (tensor<1xf32>) -> tensor<1xf32>
  %1 = heddle.concat %0, %0 axis 0 : (tensor<1xf32>, tensor<1xf32>) -> tensor<2xf32>
  %2 = heddle.concat %1, %1 axis 0 : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  %3 = heddle.concat %2, %2 axis 0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %4 = heddle.concat %3, %3 axis 0 : (tensor<8xf32>, tensor<8xf32>) -> tensor<16xf32>
  %5 = heddle.concat %4, %4 axis 0 : (tensor<16xf32>, tensor<16xf32>) -> tensor<32xf32>
  %6 = heddle.concat %5, %5 axis 0 : (tensor<32xf32>, tensor<32xf32>) -> tensor<64xf32>
  %7 = heddle.concat %6, %6 axis 0 : (tensor<64xf32>, tensor<64xf32>) -> tensor<128xf32>
  return %7 : tensor<128xf32>
}

// 48 ops are one kernel; the 49th from the end is the first that may not join.
func.func @group_size(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: :[[@LINE+1]]:{{.*}}remark:{{.*}}fusion{{.*}}rule group-size
  %0 = heddle.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = heddle.relu %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = heddle.relu %1 : (tensor<4xf32>) -> tensor<4xf32>
  %3 = heddle.relu %2 : (tensor<4xf32>) -> tensor<4xf32>
  %4 = heddle.relu %3 : (tensor<4xf32>) -> tensor<4xf32>
  %5 = heddle.relu %4 : (tensor<4xf32>) -> tensor<4xf32>
  %6 = heddle.relu %5 : (tensor<4xf32>) -> tensor<4xf32>
  %7 = heddle.relu %6 : (tensor<4xf32>) -> tensor<4xf32>
  %8 = heddle.relu %7 : (tensor<4xf32>) -> tensor<4xf32>
  %9 = heddle.relu %8 : (tensor<4xf32>) -> tensor<4xf32>
  %10 = heddle.relu %9 : (tensor<4xf32>) -> tensor<4xf32>
  %11 = heddle.relu %10 : (tensor<4xf32>) -> tensor<4xf32>
  %12 = heddle.relu %11 : (tensor<4xf32>) -> tensor<4xf32>
  %13 = heddle.relu %12 : (tensor<4xf32>) -> tensor<4xf32>
  %14 = heddle.relu %13 : (tensor<4xf32>) -> tensor<4xf32>
  %15 = heddle.relu %14 : (tensor<4xf32>) -> tensor<4xf32>
  %16 = heddle.relu %15 : (tensor<4xf32>) -> tensor<4xf32>
  %17 = heddle.relu %16 : (tensor<4xf32>) -> tensor<4xf32>
  %18 = heddle.relu %17 : (tensor<4xf32>) -> tensor<4xf32>
  %19 = heddle.relu %18 : (tensor<4xf32>) -> tensor<4xf32>
  %20 = heddle.relu %19 : (tensor<4xf32>) -> tensor<4xf32>
  %21 = heddle.relu %20 : (tensor<4xf32>) -> tensor<4xf32>
  %22 = heddle.relu %21 : (tensor<4xf32>) -> tensor<4xf32>
  %23 = heddle.relu %22 : (tensor<4xf32>) -> tensor<4xf32>
  %24 = heddle.relu %23 : (tensor<4xf32>) -> tensor<4xf32>
  %25 = heddle.relu %24 : (tensor<4xf32>) -> tensor<4xf32>
  %26 = heddle.relu %25 : (tensor<4xf32>) -> tensor<4xf32>
  %27 = heddle.relu %26 : (tensor<4xf32>) -> tensor<4xf32>
  %28 = heddle.relu %27 : (tensor<4xf32>) -> tensor<4xf32>
  %29 = heddle.relu %28 : (tensor<4xf32>) -> tensor<4xf32>
  %30 = heddle.relu %29 : (tensor<4xf32>) -> tensor<4xf32>
  %31 = heddle.relu %30 : (tensor<4xf32>) -> tensor<4xf32>
  %32 = heddle.relu %31 : (tensor<4xf32>) -> tensor<4xf32>
  %33 = heddle.relu %32 : (tensor<4xf32>) -> tensor<4xf32>
  %34 = heddle.relu %33 : (tensor<4xf32>) -> tensor<4xf32>
  %35 = heddle.relu %34 : (tensor<4xf32>) -> tensor<4xf32>
  %36 = heddle.relu %35 : (tensor<4xf32>) -> tensor<4xf32>
  %37 = heddle.relu %36 : (tensor<4xf32>) -> tensor<4xf32>
  %38 = heddle.relu %37 : (tensor<4xf32>) -> tensor<4xf32>
  %39 = heddle.relu %38 : (tensor<4xf32>) -> tensor<4xf32>
  %40 = heddle.relu %39 : (tensor<4xf32>) -> tensor<4xf32>
  %41 = heddle.relu %40 : (tensor<4xf32>) -> tensor<4xf32>
  %42 = heddle.relu %41 : (tensor<4xf32>) -> tensor<4xf32>
  %43 = heddle.relu %42 : (tensor<4xf32>) -> tensor<4xf32>
  %44 = heddle.relu %43 : (tensor<4xf32>) -> tensor<4xf32>
  %45 = heddle.relu %44 : (tensor<4xf32>) -> tensor<4xf32>
  %46 = heddle.relu %45 : (tensor<4xf32>) -> tensor<4xf32>
  %47 = heddle.relu %46 : (tensor<4xf32>) -> tensor<4xf32>
  %48 = heddle.relu %47 : (tensor<4xf32>) -> tensor<4xf32>
  return %48 : tensor<4xf32>
}
