#!/usr/bin/env bash
# Builds everything and runs every test: build/test.sh [dotnet test arguments, such as --filter …].
# Ends with a line "N passed, N failed". The numerical part runs three times: as it is, without AVX-512, and without any vector instruction.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
prepare
build "$root/ConstrainedML.sln"

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0

# run_tests NAME [ARGS]: one pass over the test projects; its counts go to $results/NAME.
run_tests() {
  local name=$1
  shift
  for project in "$root"/test/*.Tests/*.Tests.csproj; do
    dotnet test "$project" -c Release --no-build -v q -nologo --logger "console;verbosity=minimal" --logger "trx;LogFileName=$name-$(basename "$project" .csproj).trx" \
      --results-directory "$results" "$@" || status=1
  done
}

numerical='FullyQualifiedName~.LinearAlgebra.|FullyQualifiedName~.QuadraticPrograms.|FullyQualifiedName~.Projections.'
say "== All tests"
run_tests all "$@"
if (($# == 0)); then
  say "== The numerical part without AVX-512"
  DOTNET_EnableAVX512F=0 run_tests no-avx512 --filter "$numerical"
  say "== The numerical part without vector instructions"
  DOTNET_EnableHWIntrinsic=0 run_tests no-vectors --filter "$numerical"
fi

count() { cat "$results"/*.trx 2>/dev/null | grep -o "<Counters [^>]*" | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{n += $1} END {print n + 0}'; }
passed=$(count passed) failed=$(count failed) skipped=$(count notExecuted)
((status == 0 || failed > 0)) || failed=$((failed + 1)) # a run that broke off counts as a failure
names=$(cat "$results"/*.trx 2>/dev/null | grep -o '<UnitTestResult [^>]*outcome="Failed"[^>]*' | grep -o ' testName="[^"]*"' | cut -d'"' -f2 | sort -u || true)
[[ -z $names ]] || say "== Failed"$'\n'"$names"
line="$passed passed, $failed failed"
((skipped == 0)) || line+=", $skipped skipped"
echo "$line"
((failed == 0 && passed > 0))
