#!/bin/sh
# Rebuilds the benchmark guests. Needs a GNU cross compiler for AArch64 (CROSS
# names its prefix).
#
#   kernels.elf   the kernels behind a table, for the engines of this project
#   bench.elf     the same kernels behind a program that times itself by
#                 CNTVCT_EL0, for qemu-system-aarch64 with semihosting
#   mmio.elf      the device kernel behind a program that times it likewise
#   wide-N.elf    N passes of the wide code, for its start-up
#   hello.elf, hello-virt.elf
#                 one line on the PL011, in a realm and on QEMU's virt machine
set -eu
cd "$(dirname "$0")"
cross=${CROSS:-aarch64-linux-gnu-}
flags="-O2 -ffreestanding -nostdlib -mgeneral-regs-only -mstrict-align
  -static -Wl,-T,link.ld -Wl,--build-id=none"

build() {
  out=$1
  shift
  # shellcheck disable=SC2086
  "${cross}gcc" $flags "$@" -o "$out"
  "${cross}strip" "$out"
}

build kernels.elf table.S bench.S wide.S
build bench.elf -DRUNS=1 -DRS=100 -DRC=200 -DRCP=4000 -DRM=4000000 \
  -DRIO=100000 start.S main.c bench.S
build mmio.elf -DITERATIONS=1000000 start.S mmio_main.c bench.S
for passes in 1 10 100; do
  build "wide-$passes.elf" -DPASSES="$passes" start.S wide_main.c wide.S
done
build hello.elf -DREALM hello.S
build hello-virt.elf hello.S
