// RUN: heddle-opt %s --heddle-emit-objects=level=x86-64-v9 --verify-diagnostics

// expected-error @below {{cpu level 'x86-64-v9' is not known}}
module {
}
