#!/bin/sh
# Rebuilds the two ELF files that tests/lint_test.ts reads: one with DWARF 4,
# one with DWARF 5, both with mapping symbols. Made with Debian's gcc 12.2.0.
set -eu
cd "$(dirname "$0")"

for version in 4 5; do
  "${CROSS:-aarch64-linux-gnu-}gcc" -O1 -g "-gdwarf-$version" \
    -march=armv8.1-a -mgeneral-regs-only -fno-inline-functions-called-once \
    -fdebug-prefix-map="$PWD"=. \
    -ffreestanding -fno-pic -no-pie -fno-stack-protector \
    -fno-asynchronous-unwind-tables -nostdlib -static \
    -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-Ttext=0x40080000 \
    sample.c -o "dwarf$version.elf"
done
