// The accesses under test. X0 is the address; each is the first instruction of
// its function, so that ELR_EL1 can be checked against the function's address.

    .macro probe name, insn:vararg
    .section .text.\name, "ax"
    .global \name
    .type \name, %function
\name:
    \insn
    ret
    .size \name, . - \name
    .endm

    probe probe_ldr,   ldr w3, [x0]
    probe probe_ldrsb, ldrsb x2, [x0]
    probe probe_strb,  strb w5, [x0]
    probe probe_stp,   stp xzr, xzr, [x0]
    probe probe_fetch, br x0
