// Entry: EL1h, MMU off, DAIF masked. The loader has zeroed .bss.

    .section .text.start, "ax"
    .global _start
    .type _start, %function
_start:
    adrp    x9, __stack
    add     x9, x9, :lo12:__stack
    mov     sp, x9
    bl      main
    bl      power_off
    .size _start, . - _start
