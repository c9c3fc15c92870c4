// RUN: heddle-opt %s --heddle-fuse-kernels --heddle-place-parts --remarks-filter="heddle.kernels" 2>&1 >/dev/null | FileCheck %s --implicit-check-not=[Missed]

// Every part that stays in the concatenating kernel is named with the rule that keeps it there.

// The negation reads the first part too; an input is made by no launch.
func.func @other_users(%x: tensor<4x8xf32>, %y: tensor<4x16xf32>, %w: tensor<8x16xf32>) -> (tensor<4x32xf32>, tensor<16x4xf32>) {
  %0 = heddle.matmul %x, %w : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  // CHECK: :[[@LINE+2]]:{{.*}}remark:{{.*}}place-parts{{.*}}rule other-users
  // CHECK: :[[@LINE+1]]:{{.*}}remark:{{.*}}place-parts{{.*}}rule no-launch
  %1 = heddle.concat %0, %y axis 1 : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x32xf32>
  %2 = heddle.transpose %0 perm [1, 0] : (tensor<4x16xf32>) -> tensor<16x4xf32>
  return %1, %2 : tensor<4x32xf32>, tensor<16x4xf32>
}

// Rows of 8 elements 24 apart.
func.func @short_rows(%x: tensor<4x8xf32>, %y: tensor<4x16xf32>, %w: tensor<8x8xf32>) -> tensor<4x24xf32> {
  %0 = heddle.matmul %x, %w : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  // CHECK: :[[@LINE+2]]:{{.*}}remark:{{.*}}place-parts{{.*}}rule short-rows
  // CHECK: :[[@LINE+1]]:{{.*}}remark:{{.*}}place-parts{{.*}}rule no-launch
  %1 = heddle.concat %0, %y axis 1 : (tensor<4x8xf32>, tensor<4x16xf32>) -> tensor<4x24xf32>
  return %1 : tensor<4x24xf32>
}

// Every second row of 16 pairs, seen as rows of 32: strides cannot say where such a row breaks.
func.func @reshape(%x: tensor<2x8xf32>, %y: tensor<4x16xf32>, %w: tensor<8x32xf32>) -> tensor<4x32xf32> {
  %0 = heddle.matmul %x, %w : (tensor<2x8xf32>, tensor<8x32xf32>) -> tensor<2x32xf32>
  %1 = heddle.reshape %0 : (tensor<2x32xf32>) -> tensor<4x16xf32>
  // CHECK: :[[@LINE+2]]:{{.*}}remark:{{.*}}place-parts{{.*}}rule reshape
  // CHECK: :[[@LINE+1]]:{{.*}}remark:{{.*}}place-parts{{.*}}rule no-launch
  %2 = heddle.concat %1, %y axis 1 : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x32xf32>
  return %2 : tensor<4x32xf32>
}

// The product's kernel does not get the number of cached positions, over which the strides of the cache are.
func.func @sizes(%x: tensor<2x8xf32>, %past: tensor<2x?x16xf32, #heddle.dims<["2", "past", "16"]>>, %w: tensor<8x16xf32>) -> tensor<2x?x16xf32, #heddle.dims<["2", "past + 1", "16"]>> {
  %0 = heddle.matmul %x, %w : (tensor<2x8xf32>, tensor<8x16xf32>) -> tensor<2x16xf32>
  %1 = heddle.reshape %0 : (tensor<2x16xf32>) -> tensor<2x1x16xf32>
  // CHECK: :[[@LINE+2]]:{{.*}}remark:{{.*}}place-parts{{.*}}rule no-launch
  // CHECK: :[[@LINE+1]]:{{.*}}remark:{{.*}}place-parts{{.*}}rule sizes
  %2 = heddle.concat %past, %1 axis 1 : (tensor<2x?x16xf32, #heddle.dims<["2", "past", "16"]>>, tensor<2x1x16xf32>) -> tensor<2x?x16xf32, #heddle.dims<["2", "past + 1", "16"]>>
  return %2 : tensor<2x?x16xf32, #heddle.dims<["2", "past + 1", "16"]>>
}
