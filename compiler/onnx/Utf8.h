// Validation of UTF-8.
#ifndef HEDDLE_COMPILER_ONNX_UTF8_H
#define HEDDLE_COMPILER_ONNX_UTF8_H

#include <cstdint>
#include <string_view>

namespace heddle {

/// True for well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. Source: RFC 3629, section 4.
inline bool isUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80)
      continue;
    const int following = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - i < static_cast<size_t>(following))
      return false;
    uint32_t point = lead & (0x3fu >> following);
    for (int k = 0; k < following; ++k) {
      const auto byte = static_cast<unsigned char>(text[i++]);
      if ((byte & 0xc0) != 0x80)
        return false;
      point = point << 6 | (byte & 0x3f);
    }
    constexpr uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    if (point < smallest[following] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
      return false;
  }
  return true;
}

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_UTF8_H
