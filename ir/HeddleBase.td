// The heddle dialect itself and what all its definitions share.
#ifndef HEDDLE_IR_HEDDLEBASE_TD
#define HEDDLE_IR_HEDDLEBASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"

def HeddleDialect : Dialect {
  let name = "heddle";
  let cppNamespace = "::heddle";
  let summary = "ONNX graphs, fused kernels and execution plans";
  let description = [{
    One dialect from the imported model to the plan. Graph ops work on ranked tensors whose free dimensions are size
    expressions over symbols (`#heddle.dims`); kernels wrap graph ops; plan ops are steps over places.
    ONNX node names live in locations, never in attributes. Weights are references into a WeightStore.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let extraClassDeclaration = [{
    /// The bytes behind `#heddle.weight` references of this context.
    WeightStore &weights() { return *weightStore; }
    /// Replaces the store, so that several contexts can share one.
    void setWeights(std::shared_ptr<WeightStore> store) { weightStore = std::move(store); }
    std::shared_ptr<WeightStore> sharedWeights() { return weightStore; }
  private:
    void registerAttributes();
    std::shared_ptr<WeightStore> weightStore;
  }];
}

class Heddle_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<HeddleDialect, name, traits> {
  let mnemonic = attrMnemonic;
}

class Heddle_Op<string mnemonic, list<Trait> traits = []> : Op<HeddleDialect, mnemonic, traits>;

// For ops that infer their types. What inference picks of two sizes that are assumed to be equal depends on their names, which
// outlining changes: a declared type agrees if it says the same up to the choice of such sizes.
class Heddle_CompatibleTypesDefinition {
  code definition = [{
    bool $cppClass::isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange declared) {
      return agreeingTypes(inferred, declared);
    }
  }];
}
def Heddle_CompatibleTypes : Heddle_CompatibleTypesDefinition;

#endif // HEDDLE_IR_HEDDLEBASE_TD
