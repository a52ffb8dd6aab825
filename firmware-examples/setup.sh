#!/usr/bin/env bash
# Makes `cargo build --target T` work for each target T given as an argument, bare-metal or Linux, and
# `cargo check` where T is macOS or Windows, and says what it installs. Its last line names the toolchain to use: TOOLCHAIN=NAME for `cargo +NAME`,
# TOOLCHAIN= for the system's own cargo.
#
#   RUST_TARGETS_FROM=rustup  `rustup target add`
#   RUST_TARGETS_FROM=apt     Debian's compiler; `core` and `alloc`, for 64-bit Linux also `std` and
#                             `test`, for macOS and Windows `std`, are compiled from Debian's source
#                             once per target. For machines that reach package registries only; needs
#                             root.
#
# Default: apt where this script linked Debian's toolchain before, so that a machine keeps to one
# source; else rustup where that works; else apt.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: $0 TARGET..." >&2; exit 2; }

linked() { grep -q '^apt\b' <<<"$(rustup toolchain list 2>/dev/null)"; }
from_rustup() {
  command -v rustup >/dev/null || { echo "setup.sh: no rustup" >&2; return 1; }
  echo "rustup target add $*" >&2
  rustup target add "$@" >&2 || return 1
  echo "TOOLCHAIN=$(rustup show active-toolchain | cut -d' ' -f1)"
}

case ${RUST_TARGETS_FROM:-} in
rustup)
  from_rustup "$@"
  exit
  ;;
apt) ;;
'')
  if ! linked; then
    if from_rustup "$@"; then exit; fi
    echo "setup.sh: rustup does not have them; taking Debian's compiler" >&2
  fi
  ;;
*)
  echo "setup.sh: RUST_TARGETS_FROM=$RUST_TARGETS_FROM: expected rustup or apt" >&2
  exit 2
  ;;
esac
command -v apt-get >/dev/null || {
  echo "setup.sh: no apt-get; install rustup and run again" >&2
  exit 1
}

export DEBIAN_FRONTEND=noninteractive
install() {
  echo "installing Debian packages: $*" >&2
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
packages=(rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy)
dpkg -s "${packages[@]}" >/dev/null 2>&1 || install "${packages[@]}"
# Debian's rust-lld is a link to a linker of its own package, which carries a version in its name.
lld=$(readlink /usr/bin/rust-lld || true)
[ -z "$lld" ] || [ -e /usr/bin/rust-lld ] || install "$(basename "$lld")"

sysroot=$(/usr/bin/rustc --print sysroot)
compiler=$(/usr/bin/rustc --version)
for target in "$@"; do
  folder=$sysroot/lib/rustlib/$target
  stamp=$compiler
  case $target in *-linux-*) stamp="$compiler, unwinding and not" ;; esac
  [ "$(cat "$folder/built-by" 2>/dev/null || true)" = "$stamp" ] && continue
  optimised=3
  case $target in
  # Only the library is built for it.
  i686-*) crates=core,alloc panic=abort ;;
  *-linux-*) crates=std,panic_unwind,test panic=unwind ;;
  # Programs are checked for them, none is linked.
  *-apple-* | *-windows-*) crates=std,panic_unwind panic=unwind optimised=0 ;;
  *) crates=core,alloc panic=abort ;;
  esac
  echo "compiling $crates for $target into $folder" >&2
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/src"
  echo '#![no_std]' >"$work/src/lib.rs"
  cat >"$work/Cargo.toml" <<TOML
[package]
name = "empty"
version = "0.0.0"
edition = "2021"
[profile.release]
opt-level = $optimised
panic = "$panic"
TOML
  # Programs that end at a panic need one crate of std compiled their way, as in std's own build.
  cat >"$work/rustc" <<'SH'
#!/bin/sh
case " $* " in *" --crate-name panic_abort "*) set -- "$@" -Cpanic=abort ;; esac
exec "$@"
SH
  chmod +x "$work/rustc"
  # Bitcode is kept so that firmware can be optimised across crates. The lock on the compiler's
  # unstable options is for its own build system, which is what this stands in for.
  (
    cd "$work"
    env -u CARGO_BUILD_TARGET -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u RUSTUP_TOOLCHAIN \
      RUSTC=/usr/bin/rustc RUSTC_WRAPPER="$work/rustc" RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR=target \
      /usr/bin/cargo build --quiet --release --target "$target" -Zbuild-std="$crates"
  )
  rm -rf "$folder"
  mkdir -p "$folder/lib"
  cp "$work/target/$target/release/deps/"lib*.rlib "$folder/lib/"
  rm -f "$folder"/lib/libempty-*
  echo "$stamp" >"$folder/built-by"
  rm -rf "$work"
  trap - EXIT
done

if command -v rustup >/dev/null; then
  linked || rustup toolchain link apt /usr
  echo TOOLCHAIN=apt
else
  echo TOOLCHAIN=
fi
