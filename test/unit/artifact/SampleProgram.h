// A program that uses every record of Plan.h once, for tests of its stored forms.
#ifndef HEDDLE_TEST_UNIT_ARTIFACT_SAMPLEPROGRAM_H
#define HEDDLE_TEST_UNIT_ARTIFACT_SAMPLEPROGRAM_H

#include "runtime/format/Plan.h"

namespace heddle::test {

/// Valid by verifyProgram. Step 0 launches, 1 calls the host, 2 sets a symbol, 3 branches (4, 5), 6 loops (7).
Program sampleProgram();
/// Its only variant.
Variant sampleVariant();
/// `program` with another only variant.
Program withVariant(Program program, const Variant &variant);

} // namespace heddle::test

#endif // HEDDLE_TEST_UNIT_ARTIFACT_SAMPLEPROGRAM_H
