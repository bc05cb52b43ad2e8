#!/bin/sh
# Rebuilds guests: all of them, or those named. Needs a GNU cross compiler for
# AArch64 (CROSS names its prefix). The images that are committed were built
# by Debian's gcc 12.2.0; another compiler gives other images.
#
#   ./build.sh                     every guest, into this folder
#   ./build.sh hello mmu           these two
#   OUT=dir FLAGS=-DALIAS=0 ./build.sh   for a machine that is not a realm:
#                                  devices at their plain address, PSCI by HVC
set -eu
cd "$(dirname "$0")"
export LC_ALL=C # the order of files is the order in the image

cross=${CROSS:-aarch64-linux-gnu-}
out=${OUT:-.}
names=${*:-$(for at in */; do echo "${at%/}"; done | grep -vx lib)}

for name in $names; do
  # shellcheck disable=SC2046,SC2086
  "${cross}gcc" -O2 -std=gnu11 -Wall -Wextra -Werror -Wno-main \
    -march=armv8.2-a -mgeneral-regs-only -mstrict-align \
    -ffreestanding -fno-builtin -fno-pic -no-pie -fno-stack-protector \
    -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
    -mno-outline-atomics -ffunction-sections -fdata-sections ${FLAGS:-} \
    -Ilib -nostdlib -static -T lib/link.ld \
    -Wl,--build-id=none -Wl,--gc-sections -Wl,-z,max-page-size=4096 \
    $(ls lib/*.S lib/*.c "$name"/*.S "$name"/*.c 2>/dev/null) \
    -o "$out/$name.elf"
  "${cross}strip" --strip-debug --discard-all "$out/$name.elf"
done
