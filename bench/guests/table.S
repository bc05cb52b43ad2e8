// The entries of the kernels, in this order, and what they return to.
    .section .text.start,"ax"
    .global _start
_start:
    .quad bench_sieve, bench_crc, bench_copy, bench_mix, bench_mmio, bench_wide
    .global bench_stop
bench_stop:
    hvc  #0
    b    bench_stop
