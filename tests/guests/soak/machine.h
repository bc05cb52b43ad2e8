// The toy machine: a stack of 64-bit numbers, locals in frames on it, globals
// apart. An operand is two bytes, little-endian; a constant has eight.

#ifndef MACHINE_H
#define MACHINE_H

enum op {
  HALT,
  CONST,      // k      -> k
  LOAD,       // slot   -> global
  STORE,      // slot   value ->
  LOAD_AT,    // slot   index -> element; the global holds the length
  STORE_AT,   // slot   index value ->
  LOCAL,      // n      -> local
  SET_LOCAL,  // n      value ->
  JUMP,       // to
  JUMP_ZERO,  // to     value ->
  CALL,       // to, then a byte: arguments; they become the first locals
  ENTER,      // n      makes room for n more locals
  RETURN,     //        value -> (in the caller)
  PRINT,      //        value ->
  DROP,       //        value ->
  NEGATE, NOT, INVERT,
  // Two operands, in the order of the compiler's table.
  OR, XOR, AND, EQ, NE, LT, LE, GT, GE, SHL, SHR, ADD, SUB, MUL, DIV, MOD,
};

#endif
