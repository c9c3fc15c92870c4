// The difference of two texts, line by line, as `diff -u` prints it.
#ifndef HEDDLE_TOOLS_COMMON_UNIFIEDDIFF_H
#define HEDDLE_TOOLS_COMMON_UNIFIEDDIFF_H

#include <string>
#include <string_view>

namespace heddle {

/// Hunks with three lines of context under the two names; empty if the texts are equal. The number of changed lines is
/// the least possible; time and memory grow with its square, so beyond `maxChanges` the middle counts as replaced
/// whole. Source: Myers 1986, "An O(ND) Difference Algorithm and Its Variations".
std::string unifiedDiff(std::string_view before, std::string_view after, std::string_view beforeName,
                        std::string_view afterName);

} // namespace heddle

#endif // HEDDLE_TOOLS_COMMON_UNIFIEDDIFF_H
