# Shared by the scripts of this folder: decides once how the upstream packages are resolved and brings what a machine lacks.
# shellcheck shell=bash
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
props=$root/build/upstream.props
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

say() { printf '%s\n' "$*" >&2; }

# install PACKAGE...: from Debian, as root; otherwise the exact command is printed and 1 returned.
install() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if command -v apt-get >/dev/null && [[ $(id -u) == 0 ]]; then
    say "Installing ${missing[*]}."
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}") >"${TMPDIR:-/tmp}/constrainedml-apt.log" 2>&1 && return 0
    say "apt-get could not install them; its output is in ${TMPDIR:-/tmp}/constrainedml-apt.log."
    return 1
  fi
  say "Missing: ${missing[*]}. On Debian: sudo apt-get install ${missing[*]}"
  return 1
}

require_dotnet() {
  command -v dotnet >/dev/null || { say "The .NET 10 SDK is needed and 'dotnet' is not on the PATH."; exit 1; }
  if [[ ${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-0} != 1 && ${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-0} != true ]] \
      && ! ldconfig -p 2>/dev/null | grep -q libicuuc; then
    install libicu72 || { say "Without ICU, .NET runs in invariant mode."; export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1; }
  fi
}

# Whether the feeds of this machine have the upstream packages: one restore of a project that names them.
packages_restorable() {
  local probe
  probe=$(mktemp -d)
  cp "$root/Directory.Packages.props" "$root/nuget.config" "$probe/"
  echo '<Project />' >"$probe/Directory.Build.props"
  cat >"$probe/probe.csproj" <<'PROBE'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.ML" />
    <PackageReference Include="Microsoft.ML.AutoML" />
    <PackageReference Include="TorchSharp" />
    <PackageReference Include="Krafs.Publicizer" PrivateAssets="all" />
  </ItemGroup>
</Project>
PROBE
  local found=1
  NUGET_ENHANCED_MAX_NETWORK_TRY_COUNT=2 timeout 300 dotnet restore "$probe/probe.csproj" -v q >"$probe/log" 2>&1 && found=0
  rm -rf "$probe"
  return $found
}

remember() { # true|false
  local text
  text=$(printf '<Project>\n  <PropertyGroup>\n    <UpstreamPackages>%s</UpstreamPackages>\n  </PropertyGroup>\n</Project>' "$1")
  [[ -f $props && $(<"$props") == "$text" ]] || printf '%s\n' "$text" >"$props"
}

# One line that says which way is taken and why; the answer is kept in build/upstream.props for this and every later build.
resolve_upstream() {
  case ${CONSTRAINEDML_UPSTREAM:-} in
    packages) remember true; say "Upstream: the real packages (CONSTRAINEDML_UPSTREAM=packages)." ;;
    offline) remember false; say "Upstream: the subsets in build/offline (CONSTRAINEDML_UPSTREAM=offline)." ;;
    '')
      if [[ -f $props ]]; then
        if ! uses_subsets; then say "Upstream: the real packages (as found before; build/upstream.props)."
        else say "Upstream: the subsets in build/offline (as found before; build/upstream.props)."; fi
      elif packages_restorable; then
        remember true; say "Upstream: the real packages (this machine's feeds have them)."
      else
        remember false; say "Upstream: the subsets in build/offline (this machine's feeds lack Microsoft.ML, Microsoft.ML.AutoML, TorchSharp or Krafs.Publicizer)."
      fi ;;
    *) say "CONSTRAINEDML_UPSTREAM is '$CONSTRAINEDML_UPSTREAM'; expected 'packages' or 'offline'."; exit 2 ;;
  esac
}

uses_subsets() { ! grep -q '<UpstreamPackages>true<' "$props"; }

# The native part of the TorchSharp subset. A machine without libtorch still builds and runs all that needs none.
native() {
  [[ -x $root/build/native.sh ]] && uses_subsets || return 0
  local code=0
  "$root/build/native.sh" || code=$?
  case $code in
    0) ;;
    3) say "Going on without libtorch: what needs it is left out and named." ;;
    *) exit "$code" ;;
  esac
}

# build PROJECT: quiet unless it fails.
build() {
  local log
  log=$(mktemp)
  if ! dotnet build "$1" -c Release -v q -nologo -clp:NoSummary >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
}

prepare() { require_dotnet; resolve_upstream; native; }
