// RUN: heddle-opt %s --heddle-fuse-kernels --heddle-place-parts --remarks-filter="heddle.kernels" 2>&1 >/dev/null | FileCheck %s --implicit-check-not=[Missed]
// RUN: heddle-opt %s --heddle-fuse-kernels --heddle-deduplicate-kernels --heddle-place-parts --remarks-filter="heddle.kernels" 2>&1 >/dev/null | FileCheck %s --check-prefix=SHARED
// RUN: heddle-opt %s --heddle-fuse-kernels --heddle-place-parts=vector-bytes=0 --remarks-filter="heddle.kernels" 2>&1 >/dev/null | FileCheck %s --check-prefix=GPU

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

// Placed where each part has a kernel of its own and stores may leave gaps, which those of a GPU do not.
func.func @two_products(%x: tensor<3x8xf32>, %y: tensor<3x8xf32>, %w: tensor<8x16xf32>) -> tensor<3x32xf32> {
  %0 = heddle.matmul %x, %w : (tensor<3x8xf32>, tensor<8x16xf32>) -> tensor<3x16xf32>
  %1 = heddle.matmul %y, %w : (tensor<3x8xf32>, tensor<8x16xf32>) -> tensor<3x16xf32>
  // SHARED: :[[@LINE+4]]:{{.*}}remark:{{.*}}place-parts{{.*}}rule shared-kernel
  // SHARED: :[[@LINE+3]]:{{.*}}remark:{{.*}}place-parts{{.*}}rule shared-kernel
  // GPU: :[[@LINE+2]]:{{.*}}remark:{{.*}}place-parts{{.*}}rule gaps
  // GPU: :[[@LINE+1]]:{{.*}}remark:{{.*}}place-parts{{.*}}rule gaps
  %2 = heddle.concat %0, %1 axis 1 : (tensor<3x16xf32>, tensor<3x16xf32>) -> tensor<3x32xf32>
  return %2 : tensor<3x32xf32>
}
