// Implements content digests over libxxhash, used header-only.
#include "runtime/format/Digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

std::string heddle::digestOf(std::span<const std::byte> bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  static const char digits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned char byte : canonical.digest) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

std::string heddle::digestOf(std::string_view text) { return digestOf(std::as_bytes(std::span(text))); }
