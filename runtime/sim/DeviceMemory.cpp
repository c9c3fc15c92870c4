// Global memory of the simulated device: allocations and views of them.
#include "runtime/sim/DeviceMemory.h"
#include <cstring>
#include <new>

namespace heddle::sim {
namespace {

/// A view keeps the low bits of its place in host memory, so that alignment means the same for both.
constexpr uint64_t alignmentMask = 255;

std::string hex(uint64_t value) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  do
    text.insert(text.begin(), digits[value & 15]);
  while (value >>= 4);
  return "0x" + text;
}

} // namespace

Result<uint64_t> DeviceMemory::add(std::unique_ptr<Allocation> allocation) {
  constexpr size_t keptBack = 1024;
  uint64_t number = allocations.size() + firstAllocation;
  bool isRecycled = freed.size() > keptBack;
  if (isRecycled) {
    number = freed.front();
    freed.pop_front();
  }
  if (number >> (64 - addressOffsetBits))
    return Status(Code::OverLimit, "simulated device: more than 16 million allocations");
  uint64_t low = reinterpret_cast<uintptr_t>(allocation->host) & alignmentMask;
  allocation->base = (number << addressOffsetBits) + allocationStart + low;
  uint64_t base = allocation->base;
  if (isRecycled)
    allocations[number - firstAllocation] = std::move(allocation);
  else
    allocations.push_back(std::move(allocation));
  return base;
}

Result<uint64_t> DeviceMemory::allocate(uint64_t bytes, void *host, bool isWritable, std::string_view name) {
  if (bytes >= allocationStart / 2)
    return Status(Code::OverLimit, "allocation of '" + std::string(name) + "': " + std::to_string(bytes) + " bytes");
  auto allocation = std::make_unique<Allocation>();
  allocation->name = name;
  allocation->bytes = bytes;
  allocation->isWritable = isWritable;
  allocation->root = allocation.get();
  allocation->host = static_cast<uint8_t *>(host);
  if (!host) {
    allocation->storage.reset(new (std::nothrow) uint8_t[bytes + alignmentMask + 1]);
    if (!allocation->storage)
      return Status(Code::OverLimit,
                    "allocation of '" + std::string(name) + "': no memory for " + std::to_string(bytes) + " bytes");
    auto start = reinterpret_cast<uintptr_t>(allocation->storage.get());
    allocation->host = allocation->storage.get() + ((alignmentMask + 1 - start) & alignmentMask);
    std::memset(allocation->host, 0xff, bytes);
  }
  return add(std::move(allocation));
}

Result<uint64_t> DeviceMemory::view(uint64_t start, uint64_t bytes, std::string_view name) {
  Allocation *whole = find(start);
  if (!whole || whole->isFreed || start - whole->base > whole->bytes || bytes > whole->bytes - (start - whole->base))
    return Status(Code::DeviceError, "view '" + std::string(name) + "' of " + std::to_string(bytes) + " bytes at " +
                                         hex(start) + " is not inside an allocation");
  auto allocation = std::make_unique<Allocation>();
  allocation->name = name;
  allocation->bytes = bytes;
  allocation->isWritable = whole->isWritable;
  allocation->root = whole->root;
  allocation->host = whole->host + (start - whole->base);
  Allocation *made = allocation.get();
  Result<uint64_t> address = add(std::move(allocation));
  if (address)
    made->root->views.push_back(made);
  return address;
}

void DeviceMemory::release(Allocation &allocation) {
  allocation.isFreed = true;
  allocation.storage.reset();
  allocation.shadow.reset();
  freed.push_back(allocationNumber(allocation.base));
}

Status DeviceMemory::free(uint64_t start) {
  Allocation *allocation = find(start);
  if (!allocation || allocation->base != start)
    return Status(Code::DeviceError, "free of " + hex(start) + ", which is no allocation");
  if (allocation->isFreed)
    return Status(Code::DeviceError, "free of '" + allocation->name + "', which is free already");
  for (Allocation *view : allocation->views)
    release(*view);
  allocation->views.clear();
  if (allocation->root != allocation)
    std::erase(allocation->root->views, allocation);
  release(*allocation);
  return Status::ok();
}

Result<uint8_t *> DeviceMemory::resolve(uint64_t address, uint64_t bytes, bool isWrite) {
  Allocation *allocation = find(address);
  std::string what = "copy of " + std::to_string(bytes) + " bytes " + (isWrite ? "to " : "from ") + hex(address);
  if (!allocation)
    return Status(Code::DeviceError, what + ": no allocation there");
  uint64_t offset = address - allocation->base;
  if (allocation->isFreed)
    return Status(Code::DeviceError, what + ": '" + allocation->name + "' is freed");
  if (offset > allocation->bytes || bytes > allocation->bytes - offset)
    return Status(Code::DeviceError,
                  what + ": outside of '" + allocation->name + "' (" + std::to_string(allocation->bytes) + " bytes)");
  if (isWrite && !allocation->isWritable)
    return Status(Code::DeviceError, what + ": '" + allocation->name + "' is read-only");
  return allocation->host + offset;
}

} // namespace heddle::sim
