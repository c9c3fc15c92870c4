// Names of ONNX values in nested graphs, and where known values have become ops.
#ifndef HEDDLE_COMPILER_ONNX_SCOPE_H
#define HEDDLE_COMPILER_ONNX_SCOPE_H

#include "compiler/onnx/Tensor.h"
#include "mlir/IR/Block.h"
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace heddle::onnximport {

/// What has been built for known tensors in one block; blocks nested in it may use it.
struct BlockValues {
  const BlockValues *parent = nullptr;
  std::map<const Tensor *, mlir::Value> data; ///< Looked up only, never iterated.
  std::map<const Tensor *, Shape> symbols;    ///< Elements that a `heddle.set_symbols` has read; looked up only.
  std::map<std::set<Expr>, Expr> broadcasts;  ///< What sizes broadcast to that the run has compared.
  std::map<Expr, std::set<Expr>> broadcastOf; ///< The reverse.

  mlir::Value findData(const Tensor *tensor) const {
    for (const BlockValues *block = this; block; block = block->parent)
      if (auto found = block->data.find(tensor); found != block->data.end())
        return found->second;
    return {};
  }
  const Expr *findBroadcast(const std::set<Expr> &sizes) const {
    for (const BlockValues *block = this; block; block = block->parent)
      if (auto found = block->broadcasts.find(sizes); found != block->broadcasts.end())
        return &found->second;
    return nullptr;
  }
  /// The sizes that `size` is the broadcast of: itself if nothing else is known.
  std::set<Expr> findParts(const Expr &size) const {
    for (const BlockValues *block = this; block; block = block->parent)
      if (auto found = block->broadcastOf.find(size); found != block->broadcastOf.end())
        return found->second;
    return {size};
  }
  const Shape *findSymbols(const Tensor *tensor) const {
    for (const BlockValues *block = this; block; block = block->parent)
      if (auto found = block->symbols.find(tensor); found != block->symbols.end())
        return &found->second;
    return nullptr;
  }
};

/// The values that nodes of one graph can name: its own, then those of the graphs around it.
class Scope {
public:
  Scope(const Scope *parent, BlockValues &block) : parent(parent), blockValues(&block) {}

  /// The value of a name; nullptr if nothing defines it.
  Tensor *find(std::string_view name) const {
    for (const Scope *scope = this; scope; scope = scope->parent)
      if (auto found = scope->names.find(name); found != scope->names.end())
        return found->second;
    return nullptr;
  }
  /// False if this graph already defines the name.
  bool define(std::string_view name, Tensor *tensor) { return names.try_emplace(std::string(name), tensor).second; }
  BlockValues &block() const { return *blockValues; }

private:
  const Scope *parent;
  BlockValues *blockValues;
  std::map<std::string, Tensor *, std::less<>> names;
};

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_SCOPE_H
