#!/usr/bin/env bash
# Runs one benchmark case and prints one JSON line: build/bench.sh CASE [--option value ...]. Without a case: their names.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
prepare
build "$root/test/Microsoft.ML.Constrained.Benchmarks/Microsoft.ML.Constrained.Benchmarks.csproj"
exec dotnet "$root/test/Microsoft.ML.Constrained.Benchmarks/bin/Release/net10.0/Microsoft.ML.Constrained.Benchmarks.dll" "$@"
