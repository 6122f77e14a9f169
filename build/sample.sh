#!/usr/bin/env bash
# Runs a sample: build/sample.sh [NAME [ARGS]]. Without a name: reconcile.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
prepare
build "$root/src/Samples/Samples.csproj"
exec dotnet "$root/src/Samples/bin/Release/net10.0/Microsoft.ML.Constrained.Samples.dll" "$@"
