// Implements the numbering of a plan's steps.
#include "ir/PlanOrder.h"

using namespace mlir;
using namespace heddle;

bool PlanOrder::isStep(Operation *op) { return isa<RunOp, HostRunOp, DefineSymbolOp, BranchOp, RepeatOp, FailOp>(op); }

PlanOrder::PlanOrder(PlanOp plan) {
  int64_t position = 0, epoch = 0;
  number(plan.getBody().front(), position, epoch);
}

void PlanOrder::number(Block &block, int64_t &position, int64_t &epoch) {
  for (Operation &op : block) {
    if (!isStep(&op))
      continue;
    Entry entry{position++, 0, epoch};
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        number(inner, position, epoch);
    epoch += isa<DefineSymbolOp>(op);
    entry.end = position;
    steps[&op] = entry;
  }
}

void PlanOrder::collectUsers(Value value, SmallVectorImpl<Operation *> &users) const {
  for (Operation *user : value.getUsers()) {
    if (isa<ViewOp, PartOp>(user))
      collectUsers(user->getResult(0), users);
    else
      users.push_back(user);
  }
}

std::optional<PlanOrder::Lifetime> PlanOrder::lifetimeOf(PlaceOp place) const {
  SmallVector<Operation *> users;
  collectUsers(place.getY(), users);
  if (users.empty())
    return std::nullopt;
  Operation *first = users.front();
  for (Operation *user : users)
    if (steps.lookup(user).position < steps.lookup(first).position)
      first = user;
  // A place that both branches write, or that is read behind the branch, begins with the branch step: only one branch
  // runs.
  auto holds = [](Block *block, Operation *user) { return block->findAncestorOpInBlock(*user) != nullptr; };
  while (!llvm::all_of(users, [&](Operation *user) { return holds(first->getBlock(), user); }))
    first = first->getParentOp();
  // A step touches its own slots, and what its regions use of outside, from its start to its end.
  Lifetime lifetime{steps.lookup(first).position, steps.lookup(first).end, steps.lookup(first).epoch};
  for (Operation *user : users)
    lifetime.last = std::max(lifetime.last, steps.lookup(first->getBlock()->findAncestorOpInBlock(*user)).end);
  return lifetime;
}
