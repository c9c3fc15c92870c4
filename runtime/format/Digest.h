// Content digests: XXH3-128.
#ifndef HEDDLE_RUNTIME_FORMAT_DIGEST_H
#define HEDDLE_RUNTIME_FORMAT_DIGEST_H

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace heddle {

/// XXH3-128 of the bytes in canonical byte order, as 32 hex digits. Detects corruption, not malice.
std::string digestOf(std::span<const std::byte> bytes);
std::string digestOf(std::string_view text);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_DIGEST_H
