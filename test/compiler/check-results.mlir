// RUN: heddle-opt %s --check-results --canonicalize --heddle-kernels-pipeline 2>&1 | FileCheck %s

// Every pass that changes the module is evaluated before and after, with the sizes that were chosen printed.
// CHECK-DAG: note: free size 'n' is set to 1
// CHECK-DAG: check-results: pass 'canonicalize': same results
// CHECK-DAG: check-results: pass 'heddle-fuse-kernels': same results
// CHECK-DAG: check-results: pass 'heddle-choose-schedules': same results
// CHECK: heddle.kernel
func.func @main(%x: tensor<?x4xf32, #heddle.dims<["n", "4"]>> {heddle.name = "x"}) -> (tensor<?x4xf32, #heddle.dims<["n", "4"]>> {heddle.name = "y"}) {
  %unused = heddle.abs %x : (tensor<?x4xf32, #heddle.dims<["n", "4"]>>) -> tensor<?x4xf32, #heddle.dims<["n", "4"]>>
  %0 = heddle.relu %x : (tensor<?x4xf32, #heddle.dims<["n", "4"]>>) -> tensor<?x4xf32, #heddle.dims<["n", "4"]>>
  %1 = heddle.softmax %0 axis 1 : (tensor<?x4xf32, #heddle.dims<["n", "4"]>>) -> tensor<?x4xf32, #heddle.dims<["n", "4"]>>
  return %1 : tensor<?x4xf32, #heddle.dims<["n", "4"]>>
}
