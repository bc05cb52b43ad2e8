// Every form of a single-register load and store, as tiny functions. A load
// takes the address of the datum in X0 and returns what it read there; a store
// takes the address in X0 and the value in X1. Each first arranges its base and
// index registers so that its own form of addressing meets that address.

    .arch armv8.4-a

// Starts one function and enters it in the family's table.
    .macro FORM name
    .section .rodata.forms_\name, "a"
    .quad   1f
    .section .text.forms, "ax"
1:
    .endm

// One family: its table is forms_<name>, ended by zero.
//   insn      takes scaled and register offsets
//   unscaled  its twin with a 9-bit offset
//   unpriv    its unprivileged twin
//   data      the data register
//   scale     log2 of the bytes accessed
//   a, b      twins with acquire or release semantics that take [Xn] alone
//   c         the same with a 9-bit offset
    .macro FAMILY name, insn, unscaled, unpriv, data, scale, a, b, c
    .section .rodata.forms_\name, "a"
    .balign 8
    .global forms_\name
forms_\name:
    FORM    \name
    \insn   \data, [x0]
    ret
    FORM    \name
    sub     x3, x0, #(1 << \scale)
    \insn   \data, [x3, #(1 << \scale)]
    ret
    FORM    \name
    ldr     x4, =(4095 << \scale)
    sub     x3, x0, x4
    \insn   \data, [x3, #(4095 << \scale)]
    ret
    FORM    \name
    add     x3, x0, #3
    \unscaled \data, [x3, #-3]
    ret
    FORM    \name
    add     x3, x0, #256
    \unscaled \data, [x3, #-256]
    ret
    FORM    \name
    sub     x3, x0, #255
    \unscaled \data, [x3, #255]
    ret
    FORM    \name
    add     x3, x0, #7
    \unpriv \data, [x3, #-7]
    ret
    // A 64-bit index.
    FORM    \name
    ldr     x4, =0x123456789a
    sub     x3, x0, x4
    \insn   \data, [x3, x4]
    ret
    FORM    \name
    mov     x4, #-5
    sub     x3, x0, x4, lsl #\scale
    \insn   \data, [x3, x4, lsl #\scale]
    ret
    FORM    \name
    mov     x4, #-5
    sub     x3, x0, x4
    \insn   \data, [x3, x4, sxtx]
    ret
    FORM    \name
    mov     x4, #-5
    sub     x3, x0, x4, lsl #\scale
    \insn   \data, [x3, x4, sxtx #\scale]
    ret
    // A 32-bit index of -24, with rubbish above.
    FORM    \name
    ldr     x4, =0x7fffffe8ffffffe8
    add     x3, x0, #24
    \insn   \data, [x3, w4, sxtw]
    ret
    FORM    \name
    ldr     x4, =0x7fffffe8ffffffe8
    add     x3, x0, #(24 << \scale)
    \insn   \data, [x3, w4, sxtw #\scale]
    ret
    // A 32-bit index of 0xffffffe8 and one of 40, with rubbish above.
    FORM    \name
    ldr     x4, =0x7fffffe8ffffffe8
    mov     w5, w4
    sub     x3, x0, x5
    \insn   \data, [x3, w4, uxtw]
    ret
    FORM    \name
    ldr     x4, =0xffffffff00000028
    sub     x3, x0, #(40 << \scale)
    \insn   \data, [x3, w4, uxtw #\scale]
    ret
    .ifnb   \a
    FORM    \name
    \a      \data, [x0]
    ret
    .endif
    .ifnb   \b
    FORM    \name
    \b      \data, [x0]
    ret
    .endif
    .ifnb   \c
    FORM    \name
    add     x3, x0, #9
    \c      \data, [x3, #-9]
    ret
    .endif
    .section .rodata.forms_\name, "a"
    .quad   0
    .endm

    FAMILY  ldrb, ldrb, ldurb, ldtrb, w0, 0, ldarb, ldaprb, ldapurb
    FAMILY  ldrsb_w, ldrsb, ldursb, ldtrsb, w0, 0, , , ldapursb
    FAMILY  ldrsb_x, ldrsb, ldursb, ldtrsb, x0, 0, , , ldapursb
    FAMILY  ldrh, ldrh, ldurh, ldtrh, w0, 1, ldarh, ldaprh, ldapurh
    FAMILY  ldrsh_w, ldrsh, ldursh, ldtrsh, w0, 1, , , ldapursh
    FAMILY  ldrsh_x, ldrsh, ldursh, ldtrsh, x0, 1, , , ldapursh
    FAMILY  ldr_w, ldr, ldur, ldtr, w0, 2, ldar, ldapr, ldapur
    FAMILY  ldrsw, ldrsw, ldursw, ldtrsw, x0, 2, , , ldapursw
    FAMILY  ldr_x, ldr, ldur, ldtr, x0, 3, ldar, ldapr, ldapur
    FAMILY  strb, strb, sturb, sttrb, w1, 0, stlrb, , stlurb
    FAMILY  strh, strh, sturh, sttrh, w1, 1, stlrh, , stlurh
    FAMILY  str_w, str, stur, sttr, w1, 2, stlr, , stlur
    FAMILY  str_x, str, stur, sttr, x1, 3, stlr, , stlur

// Stores of the zero register, one of each size.
    .section .rodata.forms_zero, "a"
    .balign 8
    .global forms_zero
forms_zero:
    FORM    zero
    strb    wzr, [x0]
    ret
    FORM    zero
    strh    wzr, [x0]
    ret
    FORM    zero
    str     wzr, [x0]
    ret
    FORM    zero
    str     xzr, [x0]
    ret
    FORM    zero
    stlr    xzr, [x0]
    ret

// Loads that are thrown away, and a prefetch; they return their argument.
    .section .rodata.forms_discard, "a"
    .balign 8
    .global forms_discard
forms_discard:
    FORM    discard
    ldrb    wzr, [x0]
    ret
    FORM    discard
    ldrsh   xzr, [x0]
    ret
    FORM    discard
    ldr     wzr, [x0]
    ret
    FORM    discard
    ldr     xzr, [x0]
    ret
    FORM    discard
    ldar    xzr, [x0]
    ret
    FORM    discard
    prfm    pldl1keep, [x0]
    ret
    .section .rodata.forms_discard, "a"
    .quad   0

// Literals are in RAM, beside the code.
    .section .rodata.forms_literal, "a"
    .balign 8
    .global forms_literal
forms_literal:
    FORM    literal
    ldr     w0, literal
    ret
    FORM    literal
    ldr     x0, literal
    ret
    FORM    literal
    ldrsw   x0, literal
    ret
    .section .text.forms, "ax"
    .balign 8
literal:
    .quad   0xfedcba9888776655
    .ltorg
