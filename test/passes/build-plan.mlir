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

// The runtime owns the slots of a value whose size changes; each iteration begins with its size, and the result ends with it.
// CHECK-LABEL: heddle.plan @growing
// CHECK: %[[IN:.*]] = heddle.place runtime : tensor<?xi64, #heddle.dims<["n"]>>
// CHECK: %[[OUT:.*]] = heddle.place runtime : tensor<?xi64, #heddle.dims<["n"]>>
// CHECK: %[[LAST:.*]] = heddle.place runtime : tensor<?xi64, #heddle.dims<["m"]>>
// CHECK: heddle.repeat {{.*}} current(%[[IN]]) next(%[[OUT]]) finals(%[[LAST]])
// CHECK-NEXT: heddle.define_symbol "n" dimension of %[[IN]]
// CHECK: heddle.host_run "compress"
// CHECK: heddle.host_run "identity" {{.*}} outs(%[[OUT]])
// CHECK: heddle.define_symbol "m" dimension of %[[LAST]]
func.func @growing(%t: tensor<i64>, %go: tensor<i1>, %x: tensor<4xi64>, %some: tensor<2xi1>) -> tensor<?xi64, #heddle.dims<["m"]>> {
  %0 = heddle.loop %t, %go, %x defines ["n", "m"] {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<?xi64, #heddle.dims<["n"]>>):
    %1 = heddle.host_call "compress" version 1 attrs {} defines ["p"] (%v, %some)
      : (tensor<?xi64, #heddle.dims<["n"]>>, tensor<2xi1>) -> tensor<?xi64, #heddle.dims<["p"]>>
    heddle.result %c, %1 : tensor<i1>, tensor<?xi64, #heddle.dims<["p"]>>
  } : (tensor<i64>, tensor<i1>, tensor<4xi64>) -> tensor<?xi64, #heddle.dims<["m"]>>
  return %0 : tensor<?xi64, #heddle.dims<["m"]>>
}

heddle.kernel @k(%x: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = []} {
  %0 = heddle.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  heddle.return %0 : tensor<4xf32>
}

// What is concatenated lies in one place, each part where it belongs, also one that is a concatenation itself, and one
// that is a reshape of what is made. A slice is a part of what it is cut from.
// CHECK-LABEL: heddle.plan @parts
// CHECK-DAG: %[[X:.*]] = heddle.place input name "input0"
// CHECK-DAG: %[[Y:.*]] = heddle.place output name "output0"
// CHECK-DAG: %[[W:.*]] = heddle.place arena bytes "288"
// CHECK-DAG: %[[A:.*]] = heddle.part %[[W]] offset "0" strides <["36", "12", "1"]> : (tensor<2x3x12xf32>) -> tensor<2x3x2xf32>
// CHECK-DAG: %[[B:.*]] = heddle.part %[[W]] offset "2" strides <["36", "12", "1"]>
// CHECK-DAG: %[[C:.*]] = heddle.part %[[W]] offset "10" strides <["36", "12", "2", "1"]> : (tensor<2x3x12xf32>) -> tensor<2x3x1x2xf32>
// CHECK: heddle.run @a sizes <[]> ins(%[[X]]) outs(%[[A]])
// CHECK: heddle.run @b sizes <[]> ins(%[[X]]) outs(%[[B]])
// CHECK: heddle.run @c sizes <[]> ins(%[[X]]) outs(%[[C]])
// CHECK: %[[S:.*]] = heddle.part %[[W]] offset "36" strides <["36", "12", "1"]> : (tensor<2x3x12xf32>) -> tensor<1x3x12xf32>
// CHECK: heddle.run @d sizes <[]> ins(%[[S]]) outs(%[[Y]])
func.func @parts(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = heddle.launch @a sizes <[]> (%x) : (tensor<4xf32>) -> tensor<2x3x2xf32>
  %b = heddle.launch @b sizes <[]> (%x) : (tensor<4xf32>) -> tensor<2x3x8xf32>
  %0 = heddle.concat %a, %b axis 2 : (tensor<2x3x2xf32>, tensor<2x3x8xf32>) -> tensor<2x3x10xf32>
  %c = heddle.launch @c sizes <[]> (%x) : (tensor<4xf32>) -> tensor<2x3x1x2xf32>
  %1 = heddle.reshape %c : (tensor<2x3x1x2xf32>) -> tensor<2x3x2xf32>
  %2 = heddle.concat %0, %1 axis 2 : (tensor<2x3x10xf32>, tensor<2x3x2xf32>) -> tensor<2x3x12xf32>
  %3 = heddle.slice %2 starts <["1", "0", "0"]> steps <["1", "1", "1"]> : (tensor<2x3x12xf32>) -> tensor<1x3x12xf32>
  %4 = heddle.launch @d sizes <[]> (%3) : (tensor<1x3x12xf32>) -> tensor<4xf32>
  return %4 : tensor<4xf32>
}
heddle.kernel @a(%x: tensor<4xf32>) -> (tensor<2x3x2xf32> {heddle.strides = #heddle.dims<["36", "12", "1"]>}) attributes {symbols = []} {
  %0 = heddle.constant dense<1.0> : tensor<2x3x2xf32>
  heddle.return %0 : tensor<2x3x2xf32>
}
heddle.kernel @b(%x: tensor<4xf32>) -> (tensor<2x3x8xf32> {heddle.strides = #heddle.dims<["36", "12", "1"]>}) attributes {symbols = []} {
  %0 = heddle.constant dense<1.0> : tensor<2x3x8xf32>
  heddle.return %0 : tensor<2x3x8xf32>
}
heddle.kernel @c(%x: tensor<4xf32>) -> (tensor<2x3x1x2xf32> {heddle.strides = #heddle.dims<["36", "12", "2", "1"]>}) attributes {symbols = []} {
  %0 = heddle.constant dense<1.0> : tensor<2x3x1x2xf32>
  heddle.return %0 : tensor<2x3x1x2xf32>
}
heddle.kernel @d(%x: tensor<1x3x12xf32>) -> tensor<4xf32> attributes {symbols = []} {
  %0 = heddle.constant dense<1.0> : tensor<4xf32>
  heddle.return %0 : tensor<4xf32>
}
