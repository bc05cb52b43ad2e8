// Wide code: 4,000 different blocks in sequence, each with a branch that the
// data decides, so that nothing is executed twice in a pass.
    .text
    .global bench_wide
    .balign 64
// x0=passes -> x0 = a checksum
bench_wide:
    mov  x9, #0x9e37
    movk x9, #0x79b9, lsl #16
    movk x9, #0x7f4a, lsl #32
    mov  x10, #1
    mov  x12, #0
2:
    .set i, 0
    .rept 4000
    add  x10, x10, #(i % 4093)
    eor  x9, x9, x9, lsr #(1 + i % 31)
    add  x9, x9, x10, lsl #(i % 7)
    ror  x11, x9, #(1 + i % 63)
    tbz  x9, #(i % 59), 1f
    sub  x12, x12, x11
    eor  x10, x10, x12, lsr #(1 + i % 17)
1:  add  x12, x12, #(i % 509)
    .set i, i + 1
    .endr
    sub  x0, x0, #1
    cbz  x0, 3f
    b    2b
3:  add  x0, x9, x12
    ret
