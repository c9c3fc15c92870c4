# Sourced by the other scripts: strict mode, the repository root, and timed steps.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

now() { date +%s.%N; }

# step NAME COMMAND...: runs the command and prints the time that it took.
step() {
  local name=$1 start
  shift
  start=$(now)
  "$@" || { echo "$name: failed" >&2; exit 1; }
  awk -v name="$name" -v start="$start" -v end="$(now)" 'BEGIN { printf "-- %-28s %7.1f s\n", name, end - start }'
}
