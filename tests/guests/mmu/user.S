// EL0: its code, and the way there and back.

// u64 enter_user(pc, sp, x0): drops to EL0 and returns when handle() sends a
// frame to leave_user; SP_EL1 is then where it was on the way down.
    .section .text.enter_user, "ax"
    .global enter_user
    .type enter_user, %function
enter_user:
    stp     x29, x30, [sp, #-96]!
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    msr     elr_el1, x0
    msr     sp_el0, x1
    mov     x0, x2
    msr     spsr_el1, xzr
    eret
    .global leave_user
leave_user:
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     x29, x30, [sp], #96
    ret
    .size enter_user, . - enter_user

// Runs at EL0 on a page of its own. X0 is an address EL0 may not read. Every
// exception is stepped over; SVC #1 goes home.
    .section .text.user, "ax"
    .balign 4096
    .global user
user:
    svc     #7
    ldr     x1, [x0]
    mrs     x1, sctlr_el1
    stp     x0, x1, [sp, #-16]!
    ldr     x2, [sp], #16
    svc     #1
    b       .
    .balign 4096
