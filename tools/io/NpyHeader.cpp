// Parses the Python literal that .npy files begin with; only the forms that NumPy writes.
#include "tools/io/NpyHeader.h"
#include <cctype>
#include <charconv>
#include <string>

namespace heddle {
namespace {

struct TypeName {
  std::string_view code;
  DType type;
};

constexpr TypeName typeNames[] = {
    {"b1", DType::Bool}, {"i1", DType::I8},  {"i2", DType::I16}, {"i4", DType::I32}, {"i8", DType::I64},
    {"u1", DType::U8},   {"u2", DType::U16}, {"u4", DType::U32}, {"u8", DType::U64}, {"f2", DType::F16},
    {"f4", DType::F32},  {"f8", DType::F64}, {"V1", DType::U8},  {"V2", DType::U16},
};

Status malformed(const std::string &what) { return {Code::Malformed, "header: " + what}; }

class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : rest(text) {}

  Status parse(NpyHeader &header) {
    if (!take('{'))
      return malformed("expected a dictionary");
    unsigned seen = 0;
    while (!take('}')) {
      std::string_view key;
      HEDDLE_RETURN_IF_ERROR(parseString(key));
      if (!take(':'))
        return malformed("expected ':' after a key");
      const unsigned bit = key == "descr" ? 1 : key == "fortran_order" ? 2 : key == "shape" ? 4 : 0;
      if (bit == 0 || (seen & bit) != 0)
        return malformed(bit == 0 ? "unknown key" : "a key appears twice");
      seen |= bit;
      HEDDLE_RETURN_IF_ERROR(bit == 1   ? parseType(header)
                             : bit == 2 ? parseBool(header.fortranOrder)
                                        : parseShape(header.shape));
      if (!take(',') && !peek('}'))
        return malformed("expected ',' or '}' after a value");
    }
    skipSpace();
    if (!rest.empty())
      return malformed("text after the dictionary");
    return seen == 7 ? Status::ok() : malformed("expected descr, fortran_order and shape");
  }

private:
  void skipSpace() {
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\n' || rest.front() == '\t'))
      rest.remove_prefix(1);
  }
  bool peek(char c) {
    skipSpace();
    return !rest.empty() && rest.front() == c;
  }
  bool take(char c) {
    if (!peek(c))
      return false;
    rest.remove_prefix(1);
    return true;
  }

  Status parseString(std::string_view &text) {
    skipSpace();
    const char quote = rest.empty() ? '\0' : rest.front();
    if (quote != '\'' && quote != '"')
      return malformed("expected a quoted string");
    const size_t end = rest.find(quote, 1);
    if (end == std::string_view::npos)
      return malformed("unterminated string");
    text = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return Status::ok();
  }

  Status parseBool(bool &value) {
    skipSpace();
    for (bool candidate : {false, true}) {
      const std::string_view word = candidate ? "True" : "False";
      if (!rest.starts_with(word))
        continue;
      rest.remove_prefix(word.size());
      value = candidate;
      return Status::ok();
    }
    return malformed("fortran_order is neither True nor False");
  }

  Status parseShape(std::vector<int64_t> &shape) {
    if (!take('('))
      return malformed("expected a tuple as shape");
    while (!take(')')) {
      skipSpace();
      int64_t size = 0;
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
      if (error != std::errc() || size < 0)
        return malformed("expected a dimension of 0 or more");
      rest.remove_prefix(static_cast<size_t>(end - rest.data()));
      shape.push_back(size);
      if (!take(',') && !peek(')'))
        return malformed("expected ',' or ')' after a dimension");
    }
    return Status::ok();
  }

  Status parseType(NpyHeader &header) {
    if (peek('['))
      return {Code::Unsupported, "structured arrays are not supported"};
    std::string_view descr;
    HEDDLE_RETURN_IF_ERROR(parseString(descr));
    const std::string_view orders = "<>|=";
    if (descr.size() < 2 || orders.find(descr.front()) == std::string_view::npos)
      return malformed("descr is not an element type");
    for (const TypeName &entry : typeNames) {
      if (entry.code != descr.substr(1))
        continue;
      header.type = entry.type;
      header.bigEndian = descr.front() == '>';
      return Status::ok();
    }
    std::string printable;
    for (char c : descr.substr(0, 16))
      printable += std::isprint(static_cast<unsigned char>(c)) ? c : '?';
    return {Code::Unsupported, "element type '" + printable + "' is not supported in .npy files"};
  }

  std::string_view rest;
};

} // namespace

Result<NpyHeader> parseNpyHeader(std::string_view text) {
  NpyHeader header;
  HEDDLE_RETURN_IF_ERROR(HeaderParser(text).parse(header));
  return header;
}

} // namespace heddle
