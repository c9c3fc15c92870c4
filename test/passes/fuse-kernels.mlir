// RUN: heddle-opt %s --heddle-fuse-kernels | FileCheck %s
// RUN: heddle-opt %s --heddle-fuse-kernels --remarks-filter=heddle.kernels 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: kernels=22

// The elementwise ops behind a product run on its accumulators.
// CHECK-LABEL: func.func @epilogue
// CHECK-NEXT: heddle.launch @[[EPILOGUE:.*matmul_add_relu]] sizes <[]>
// CHECK-NEXT: return
func.func @epilogue(%x: tensor<4x8xf32>, %w: tensor<8x16xf32>, %b: tensor<16xf32>) -> tensor<4x16xf32> {
  %0 = heddle.matmul %x, %w : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %1 = heddle.add %0, %b : (tensor<4x16xf32>, tensor<16xf32>) -> tensor<4x16xf32>
  %2 = heddle.relu %1 : (tensor<4x16xf32>) -> tensor<4x16xf32>
  return %2 : tensor<4x16xf32>
}

// x * sigmoid(x) uses the product twice; both uses are inside, so it still fuses.
// CHECK-LABEL: func.func @epilogue_with_two_uses
// CHECK-NEXT: heddle.launch
// CHECK-NEXT: return
func.func @epilogue_with_two_uses(%x: tensor<4x8xf32>, %w: tensor<8x16xf32>) -> tensor<4x16xf32> {
  %0 = heddle.matmul %x, %w : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %1 = heddle.sigmoid %0 : (tensor<4x16xf32>) -> tensor<4x16xf32>
  %2 = heddle.mul %0, %1 : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  return %2 : tensor<4x16xf32>
}

// The product itself leaves too: its epilogue must not swallow it.
// CHECK-LABEL: func.func @product_leaves
// CHECK-NEXT: %[[P:.*]] = heddle.launch
// CHECK-NEXT: %[[R:.*]] = heddle.launch {{.*}}(%[[P]])
// CHECK-NEXT: return %[[P]], %[[R]]
func.func @product_leaves(%x: tensor<4x8xf32>, %w: tensor<8x16xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>) {
  %0 = heddle.matmul %x, %w : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %1 = heddle.relu %0 : (tensor<4x16xf32>) -> tensor<4x16xf32>
  return %0, %1 : tensor<4x16xf32>, tensor<4x16xf32>
}

// A sum that is used again later is a second result of the row kernel, not computed twice.
// CHECK-LABEL: func.func @two_results
// CHECK-NEXT: heddle.launch {{.*}} -> (tensor<4x8xf32>, tensor<4x8xf32>)
func.func @two_results(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>, %g: tensor<8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %0 = heddle.add %x, %y : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = heddle.layer_norm %0, %g axis 1 epsilon 1.0e-5 : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %2 = heddle.neg %0 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %1, %2 : tensor<4x8xf32>, tensor<4x8xf32>
}

// exp of a column would be computed again for each of 512 columns.
// CHECK-LABEL: func.func @expensive_broadcast
// CHECK-COUNT-2: heddle.launch
func.func @expensive_broadcast(%x: tensor<4x1xf32>, %y: tensor<4x512xf32>) -> tensor<4x512xf32> {
  %0 = heddle.exp %x : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %1 = heddle.add %0, %y : (tensor<4x1xf32>, tensor<4x512xf32>) -> tensor<4x512xf32>
  return %1 : tensor<4x512xf32>
}

// A reshape at the border is a view, not work.
// CHECK-LABEL: func.func @border_reshape
// CHECK-NEXT: heddle.reshape
// CHECK-NEXT: heddle.launch
// CHECK-NEXT: heddle.reshape
func.func @border_reshape(%x: tensor<4x8xf32>) -> tensor<8x4xf32> {
  %0 = heddle.reshape %x : (tensor<4x8xf32>) -> tensor<32xf32>
  %1 = heddle.relu %0 : (tensor<32xf32>) -> tensor<32xf32>
  %2 = heddle.reshape %1 : (tensor<32xf32>) -> tensor<8x4xf32>
  return %2 : tensor<8x4xf32>
}

// The launch passes the caller's sizes for the kernel's own symbols.
// CHECK-LABEL: func.func @symbols
// CHECK: heddle.launch @[[SYMBOLIC:.*]] sizes <["batch"]>
func.func @symbols(%x: tensor<?x8xf32, #heddle.dims<["batch", "8"]>>) -> tensor<?x8xf32, #heddle.dims<["batch", "8"]>> {
  %0 = heddle.exp %x : (tensor<?x8xf32, #heddle.dims<["batch", "8"]>>) -> tensor<?x8xf32, #heddle.dims<["batch", "8"]>>
  return %0 : tensor<?x8xf32, #heddle.dims<["batch", "8"]>>
}

// Size expressions that a host step reads need a kernel that writes them; inside a kernel they are copied.
// CHECK-LABEL: func.func @sizes
// CHECK: %[[S:.*]] = heddle.launch @{{.*}} sizes <["batch"]>()
// CHECK: heddle.set_symbols %[[S]]
// CHECK: heddle.launch @{{.*}}add{{.*}} sizes <["batch"]>(%arg0
func.func @sizes(%x: tensor<?xi64, #heddle.dims<["batch"]>>) -> tensor<?xi64, #heddle.dims<["batch"]>> {
  %0 = heddle.sizes <["batch"]> : tensor<1xi64>
  heddle.set_symbols %0 ["n"] : tensor<1xi64>
  %1 = heddle.add %x, %0 : (tensor<?xi64, #heddle.dims<["batch"]>>, tensor<1xi64>) -> tensor<?xi64, #heddle.dims<["batch"]>>
  return %1 : tensor<?xi64, #heddle.dims<["batch"]>>
}
// The heads of an attention are read from their rows, and the result is written as rows: no transpose moves memory.
// CHECK-LABEL: func.func @heads
// CHECK-NEXT: %[[Q:.*]] = heddle.reshape %arg0
// CHECK-NEXT: %[[Y:.*]] = heddle.launch {{.*}}(%[[Q]], %arg1) : (tensor<2x5x3x4xf32>, tensor<2x3x5x5xf32>) -> tensor<2x5x3x4xf32>
// CHECK-NEXT: return %[[Y]]
func.func @heads(%x: tensor<2x5x12xf32>, %p: tensor<2x3x5x5xf32>) -> tensor<2x5x3x4xf32> {
  %0 = heddle.reshape %x : (tensor<2x5x12xf32>) -> tensor<2x5x3x4xf32>
  %1 = heddle.transpose %0 perm [0, 2, 1, 3] : (tensor<2x5x3x4xf32>) -> tensor<2x3x5x4xf32>
  %2 = heddle.matmul %p, %1 : (tensor<2x3x5x5xf32>, tensor<2x3x5x4xf32>) -> tensor<2x3x5x4xf32>
  %3 = heddle.transpose %2 perm [0, 2, 1, 3] : (tensor<2x3x5x4xf32>) -> tensor<2x5x3x4xf32>
  return %3 : tensor<2x5x3x4xf32>
}

// Joined heads lie at no single distance: they are moved by a kernel of their own.
// CHECK-LABEL: func.func @joined_heads
// CHECK-COUNT-2: heddle.launch
func.func @joined_heads(%x: tensor<2x3x5x4xf32>, %w: tensor<12x8xf32>) -> tensor<2x5x8xf32> {
  %0 = heddle.transpose %x perm [0, 2, 1, 3] : (tensor<2x3x5x4xf32>) -> tensor<2x5x3x4xf32>
  %1 = heddle.reshape %0 : (tensor<2x5x3x4xf32>) -> tensor<2x5x12xf32>
  %2 = heddle.matmul %1, %w : (tensor<2x5x12xf32>, tensor<12x8xf32>) -> tensor<2x5x8xf32>
  return %2 : tensor<2x5x8xf32>
}

// What is needed as a tensor anyway is read from there.
// CHECK-LABEL: func.func @moved_operand_leaves
// CHECK-NEXT: %[[T:.*]] = heddle.launch {{.*}}transpose
// CHECK-NEXT: %[[Y:.*]] = heddle.launch {{.*}}(%{{.*}}, %[[T]])
// CHECK-NEXT: return %[[Y]], %[[T]]
func.func @moved_operand_leaves(%x: tensor<4x8xf32>, %w: tensor<16x8xf32>) -> (tensor<4x16xf32>, tensor<8x16xf32>) {
  %0 = heddle.transpose %w perm [1, 0] : (tensor<16x8xf32>) -> tensor<8x16xf32>
  %1 = heddle.matmul %x, %0 : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  return %1, %0 : tensor<4x16xf32>, tensor<8x16xf32>
}

// A result whose rows are torn apart is moved afterwards: tiles are stored in vectors.
// CHECK-LABEL: func.func @columns_move
// CHECK-COUNT-2: heddle.launch
func.func @columns_move(%x: tensor<4x8xf32>, %w: tensor<8x16xf32>) -> tensor<16x4xf32> {
  %0 = heddle.matmul %x, %w : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %1 = heddle.transpose %0 perm [1, 0] : (tensor<4x16xf32>) -> tensor<16x4xf32>
  return %1 : tensor<16x4xf32>
}

// A first layer reads the planes of its picture itself.
// CHECK-LABEL: func.func @planes
// CHECK-NEXT: heddle.constant
// CHECK-NEXT: heddle.launch @{{.*}}transpose_conv
// CHECK-NEXT: return
func.func @planes(%x: tensor<1x3x8x8xf32>) -> tensor<1x8x8x16xf32> {
  %w = heddle.constant #heddle.weight<"00", ""> : tensor<1x3x16xf32>
  %0 = heddle.transpose %x perm [0, 2, 3, 1] : (tensor<1x3x8x8xf32>) -> tensor<1x8x8x3xf32>
  %1 = heddle.conv %0, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nhwc packed_nr 16 window [1, 1] outputs 16 : (tensor<1x8x8x3xf32>, tensor<1x3x16xf32>) -> tensor<1x8x8x16xf32>
  return %1 : tensor<1x8x8x16xf32>
}

// A resized image is gathered along its channels; what puts the channels first comes afterwards.
// CHECK-LABEL: func.func @gathered_then_transposed
// CHECK-NEXT: %[[R:.*]] = heddle.launch @{{.*}}gather_relu
// CHECK-NEXT: heddle.launch @{{.*}}transpose{{.*}}(%[[R]])
func.func @gathered_then_transposed(%x: tensor<1x8x8x21xf32>, %i: tensor<16xi64>) -> tensor<1x21x16x8xf32> {
  %0 = heddle.gather %x, %i axis 1 : (tensor<1x8x8x21xf32>, tensor<16xi64>) -> tensor<1x16x8x21xf32>
  %1 = heddle.relu %0 : (tensor<1x16x8x21xf32>) -> tensor<1x16x8x21xf32>
  %2 = heddle.transpose %1 perm [0, 3, 1, 2] : (tensor<1x16x8x21xf32>) -> tensor<1x21x16x8xf32>
  return %2 : tensor<1x21x16x8xf32>
}

// CHECK: heddle.kernel @[[EPILOGUE]]
// CHECK-NEXT: heddle.matmul
// CHECK-NEXT: heddle.add
// CHECK-NEXT: heddle.relu
// CHECK: heddle.kernel @[[SYMBOLIC]](%{{.*}}: tensor<?x8xf32, #heddle.dims<["s0", "8"]>>){{.*}}symbols = ["s0"]
