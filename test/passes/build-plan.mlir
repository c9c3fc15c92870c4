// RUN: heddle-opt %s --heddle-build-plan | FileCheck %s

// The last launch writes the caller's buffer; a reshape on the way is a view of it.
// CHECK-LABEL: heddle.plan @straight guards <["n == 4"]>
// CHECK-DAG: %[[X:.*]] = heddle.place input name "x" : tensor<4xf32>
// CHECK-DAG: %[[Y:.*]] = heddle.place output name "y" : tensor<2x2xf32>
// CHECK-DAG: %[[H:.*]] = heddle.place arena bytes "16"
// CHECK: heddle.run @k sizes <[]> ins(%[[X]]) outs(%[[H]])
// CHECK: %[[V:.*]] = heddle.view %[[Y]] : (tensor<2x2xf32>) -> tensor<4xf32>
// CHECK: heddle.run @k sizes <[]> ins(%[[H]]) outs(%[[V]])
// CHECK-NOT: identity
func.func @straight(%x: tensor<4xf32> {heddle.name = "x"}) -> (tensor<2x2xf32> {heddle.name = "y"}) attributes {heddle.guards = #heddle.dims<["n == 4"]>} {
  %0 = heddle.launch @k sizes <[]> (%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = heddle.launch @k sizes <[]> (%0) : (tensor<4xf32>) -> tensor<4xf32>
  %2 = heddle.reshape %1 : (tensor<4xf32>) -> tensor<2x2xf32>
  return %2 : tensor<2x2xf32>
}

// An input, a constant and a value listed twice are copied: no step writes them where they leave.
// CHECK-LABEL: heddle.plan @copies
// CHECK-DAG: %[[X:.*]] = heddle.place input name "input0"
// CHECK-DAG: %[[A:.*]] = heddle.place output name "output0"
// CHECK-DAG: %[[B:.*]] = heddle.place output index 1 name "output1"
// CHECK-DAG: %[[C:.*]] = heddle.place output index 2 name "output2"
// CHECK-DAG: %[[D:.*]] = heddle.place output index 3 name "output3"
// CHECK-DAG: %[[W:.*]] = heddle.place weight value
// CHECK: heddle.run @k sizes <[]> ins(%[[X]]) outs(%[[C]])
// CHECK: heddle.host_run "identity" version 1 attrs {} ins(%[[X]]) outs(%[[A]])
// CHECK: heddle.host_run "identity" version 1 attrs {} ins(%[[W]]) outs(%[[B]])
// CHECK: heddle.host_run "identity" version 1 attrs {} ins(%[[C]]) outs(%[[D]])
func.func @copies(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<2xf32>, tensor<4xf32>, tensor<4xf32>) {
  %w = heddle.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = heddle.launch @k sizes <[]> (%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %x, %w, %0, %0 : tensor<4xf32>, tensor<2xf32>, tensor<4xf32>, tensor<4xf32>
}

// A size that depends on data: the runtime owns the buffer, and its dimension defines the symbol.
// CHECK-LABEL: heddle.plan @data_dependent
// CHECK: %[[R:.*]] = heddle.place runtime : tensor<1x?xi64, #heddle.dims<["1", "n"]>>
// CHECK: heddle.host_run "nonzero" {{.*}} outs(%[[R]])
// CHECK: heddle.define_symbol "n" dimension index 1 of %[[R]]
func.func @data_dependent(%x: tensor<4xf32>) -> tensor<1x?xi64, #heddle.dims<["1", "n"]>> {
  %0 = heddle.host_call "nonzero" version 1 attrs {} defines ["n"] (%x) : (tensor<4xf32>) -> tensor<1x?xi64, #heddle.dims<["1", "n"]>>
  return %0 : tensor<1x?xi64, #heddle.dims<["1", "n"]>>
}

// Both branches write the place of the result.
// CHECK-LABEL: heddle.plan @branches
// CHECK-DAG: %[[R:.*]] = heddle.place arena bytes "16"
// CHECK: heddle.branch
// CHECK: heddle.run @k sizes <[]> ins(%{{.*}}) outs(%[[R]])
// CHECK: } else {
// CHECK: heddle.host_run "identity" version 1 attrs {} ins(%{{.*}}) outs(%[[R]])
func.func @branches(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = heddle.if %c defines [] {
    %1 = heddle.launch @k sizes <[]> (%x) : (tensor<4xf32>) -> tensor<4xf32>
    heddle.result %1 : tensor<4xf32>
  } else {
    heddle.result %x : tensor<4xf32>
  } : (tensor<i1>) -> tensor<4xf32>
  %2 = heddle.launch @k sizes <[]> (%0) : (tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}

heddle.kernel @k(%x: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = []} {
  %0 = heddle.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  heddle.return %0 : tensor<4xf32>
}
