// Says hello on the PL011 and powers off: the least that shows a machine to
// have started. REALM: the UART behind the Unprotected alias of a 40-bit IPA
// space, PSCI by SMC; otherwise QEMU's virt machine.
    .section .text.start,"ax"
    .global _start
_start:
    movz x0, #0x0900, lsl #16
#ifdef REALM
    movk x0, #0x80, lsl #32
#endif
    mov  w1, #0x101             // UARTCR: UARTEN, TXE
    str  w1, [x0, #0x30]
    adr  x2, text
1:  ldrb w1, [x2], #1
    cbz  w1, 2f
    str  w1, [x0]               // UARTDR
    b    1b
2:  movz w0, #0x8400, lsl #16   // PSCI SYSTEM_OFF
    movk w0, #8
#ifdef REALM
    smc  #0
#else
    hvc  #0
#endif
3:  wfi
    b    3b
text:
    .asciz "Hello from a small guest.\n"
