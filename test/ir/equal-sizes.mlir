// RUN: heddle-opt %s | FileCheck %s
// Of two sizes that are assumed to be equal inference picks one by its name; outlining renames symbols, so the type that was
// declared before must stand.

// CHECK-LABEL: func.func @other_of_two
// CHECK: heddle.add
// CHECK-SAME: -> tensor<?xf32, #heddle.dims<["m"]>>
func.func @other_of_two(%a: tensor<?xf32, #heddle.dims<["k"]>>, %b: tensor<?xf32, #heddle.dims<["m"]>>) -> tensor<?xf32, #heddle.dims<["m"]>> {
  %0 = heddle.add %a, %b : (tensor<?xf32, #heddle.dims<["k"]>>, tensor<?xf32, #heddle.dims<["m"]>>) -> tensor<?xf32, #heddle.dims<["m"]>>
  return %0 : tensor<?xf32, #heddle.dims<["m"]>>
}

// CHECK-LABEL: func.func @batch_of_products
// CHECK: heddle.matmul
// CHECK-SAME: -> tensor<?x2x4xf32, #heddle.dims<["m", "2", "4"]>>
func.func @batch_of_products(%a: tensor<?x2x3xf32, #heddle.dims<["k", "2", "3"]>>, %b: tensor<?x3x4xf32, #heddle.dims<["m", "3", "4"]>>) {
  %0 = heddle.matmul %a, %b : (tensor<?x2x3xf32, #heddle.dims<["k", "2", "3"]>>, tensor<?x3x4xf32, #heddle.dims<["m", "3", "4"]>>) -> tensor<?x2x4xf32, #heddle.dims<["m", "2", "4"]>>
  return
}

// CHECK-LABEL: func.func @sides_of_concat
// CHECK: heddle.concat
// CHECK-SAME: -> tensor<?x5xf32, #heddle.dims<["m", "5"]>>
func.func @sides_of_concat(%a: tensor<?x2xf32, #heddle.dims<["k", "2"]>>, %b: tensor<?x3xf32, #heddle.dims<["m", "3"]>>) {
  %0 = heddle.concat %a, %b axis 1 : (tensor<?x2xf32, #heddle.dims<["k", "2"]>>, tensor<?x3xf32, #heddle.dims<["m", "3"]>>) -> tensor<?x5xf32, #heddle.dims<["m", "5"]>>
  return
}
