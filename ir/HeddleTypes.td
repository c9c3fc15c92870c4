// Types of the heddle dialect and the constraints that its ops use.
#ifndef HEDDLE_IR_HEDDLETYPES_TD
#define HEDDLE_IR_HEDDLETYPES_TD

include "ir/HeddleBase.td"

def Heddle_Element : AnyTypeOf<[
  F64, F32, F16, BF16, F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ, F8E8M0FNU, F4E2M1FN,
  I64, I32, I16, I8, UI64, UI32, UI16, UI8, I<4>, UI<4>, I1
]>;
def Heddle_FloatElement : AnyTypeOf<[F64, F32, F16, BF16]>;
def Heddle_IntElement : AnyTypeOf<[I64, I32, I16, I8, UI64, UI32, UI16, UI8]>;
def Heddle_NumericElement : AnyTypeOf<[
  F64, F32, F16, BF16, I64, I32, I16, I8, UI64, UI32, UI16, UI8
]>;
def Heddle_IndexElement : AnyTypeOf<[I64, I32]>;

// Integers are signed where they are signless (`i8`), unsigned where they say so (`ui8`); `i1` is bool.
def Heddle_Tensor : RankedTensorOf<[Heddle_Element]>;
def Heddle_FloatTensor : RankedTensorOf<[Heddle_FloatElement]>;
def Heddle_IntTensor : RankedTensorOf<[Heddle_IntElement]>;
def Heddle_NumericTensor : RankedTensorOf<[Heddle_NumericElement]>;
def Heddle_BoolTensor : RankedTensorOf<[I1]>;
def Heddle_IndexTensor : RankedTensorOf<[Heddle_IndexElement]>;

#endif // HEDDLE_IR_HEDDLETYPES_TD
