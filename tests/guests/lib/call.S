// struct result smc(fid, x1, x2, x3): calls the RMM. The result is larger than
// 16 bytes, so the caller passes its address in X8.

#ifdef ALIAS
#define CONDUIT hvc // not a realm: PSCI is behind HVC
#else
#define CONDUIT smc
#endif

    .section .text.smc, "ax"
    .global smc
    .type smc, %function
smc:
    str     x8, [sp, #-16]!
    CONDUIT #0
    ldr     x8, [sp], #16
    stp     x0, x1, [x8]
    stp     x2, x3, [x8, #16]
    ret
    .size smc, . - smc

// PSCI SYSTEM_OFF; does not return.
    .section .text.power_off, "ax"
    .global power_off
    .type power_off, %function
power_off:
    mov     x0, #0x0008
    movk    x0, #0x8400, lsl #16
    CONDUIT #0
1:  wfi
    b       1b
    .size power_off, . - power_off
