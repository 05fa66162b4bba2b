#!/usr/bin/env bash
# Installs what building and testing need: Debian packages, only those that are missing, and then
# DuckDB (tools/get_duckdb.py). Works offline once everything is there.
#
# usage: tools/setup.sh [GROUP...]
#   GROUP   build (the default: everything for `make run` and `make test`), check (clang-tidy),
#           sanitizers (clang with its sanitizers and fuzzer), clients (browser, proxy and languages
#           of `make test-clients`), bench (nginx and Redis, to compare with)
set -euo pipefail
cd "$(dirname "$0")/.."

build=(
  build-essential g++ cmake ninja-build pkg-config ccache mold
  libboost1.81-dev libsimdjson-dev libdeflate-dev zlib1g-dev libzstd-dev libisal-dev libxxhash-dev
  libssl-dev libsqlite3-dev libmimalloc-dev libfmt-dev libcli11-dev libtomlplusplus-dev libmaxminddb-dev libre2-dev
  uap-core libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev
  clang-format-19 curl python3 ca-certificates
)
check=(clang-tidy-19)
clients=(chromium curl libmono-system-net-http4.0-cil mono-mcs nginx-light openssl php-cli python3-requests ruby)
sanitizers=(clang-19 libclang-rt-19-dev llvm-19)  # llvm-19 names the lines in reports

say() { printf 'setup: %s\n' "$*"; }
die() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

installed() {
  # A package of several architectures has one line for each.
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "installing packages needs root: run it as root, or install sudo"
  fi
}

# Boost 1.81 is packaged beside Debian's default 1.74, and their development files conflict.
refuse_other_boost() {
  local other
  # dpkg-query fails when a pattern matches nothing, which is the good case.
  other=$({ dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'libboost1.74*-dev' 'libboost-*dev' \
    2>/dev/null || true; } | sed -n 's/^installed //p' | tr '\n' ' ')
  [ -z "$other" ] || die "libboost1.81-dev cannot be installed beside these packages of Boost 1.74:
setup:   $other
setup: remove them first (apt-get remove libboost1.74-dev), or build on another machine or container"
}

# Prints those of the packages that are not installed.
missing_of() {
  local package
  for package in "$@"; do
    installed "$package" || printf '%s\n' "$package"
  done
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_of "$@")
  if [ ${#missing[@]} -eq 0 ]; then
    say "all Debian packages are installed"
    return
  fi
  case " ${missing[*]} " in
    *" libboost1.81-dev "*) refuse_other_boost ;;
  esac
  say "installs ${#missing[@]} Debian packages: ${missing[*]}"
  hold_services
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >build/setup.log 2>&1 || {
    tail -n 20 build/setup.log >&2
    die "apt-get could not install the packages (see build/setup.log)"
  }
  disable_services "${missing[@]}"
}

# Debian starts a service when its package is installed, and at every boot from then on. Neither is
# wanted: tests and benchmarks start nginx and Redis themselves, as they need them.
policy=/usr/sbin/policy-rc.d

hold_services() {
  [ ! -e "$policy" ] || return 0
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
  trap 'as_root rm -f "$policy"' EXIT
}

disable_services() {
  local package
  for package in "$@"; do
    case $package in
      nginx-light | redis-server)
        ! command -v systemctl >/dev/null || as_root systemctl disable -q "${package%-light}" 2>/dev/null || true
        ;;
    esac
  done
}

groups=("$@")
[ ${#groups[@]} -gt 0 ] || groups=(build)
packages=()
for group in "${groups[@]}"; do
  case $group in
    build) packages+=("${build[@]}") ;;
    check) packages+=("${check[@]}") ;;
    sanitizers) packages+=("${sanitizers[@]}") ;;
    clients)
      packages+=("${clients[@]}")
      # These are often installed from elsewhere, and Debian's packages conflict with that.
      command -v npm >/dev/null || packages+=(nodejs npm)
      command -v go >/dev/null || packages+=(golang-go)
      command -v mvn >/dev/null || packages+=(maven default-jdk-headless)
      ;;
    bench)
      PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nginx >/dev/null || packages+=(nginx-light)
      command -v redis-server >/dev/null || packages+=(redis-server)
      ;;
    *) die "unknown group \"$group\": build, check, sanitizers, clients or bench" ;;
  esac
done

mkdir -p build
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  say "this is no Debian: install the like of these yourself: ${packages[*]}"
else
  [ ${#packages[@]} -eq 0 ] || install_packages "${packages[@]}"
fi

# DuckDB comes from the npm registry. npm itself is only installed where DuckDB still has to be
# fetched and nothing else says which registry to ask.
if ! python3 tools/get_duckdb.py --installed; then
  if ! python3 tools/get_duckdb.py --can-fetch; then
    say "DuckDB has to be fetched from the npm registry, and there is no npm yet"
    install_packages npm
  fi
  python3 tools/get_duckdb.py
fi
say "done"
