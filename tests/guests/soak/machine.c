// Runs the code compile.c produces. A fault ends the program with FAULT.

#include "machine.h"
#include "soak.h"

#define STACK 256
#define GLOBALS 64
#define FAULT (-9999)

struct machine {
  s64 stack[STACK];
  s64 global[GLOBALS];
  u64 sp, frame;
};

static u16 operand(const u8 *code, u64 *pc) {
  u16 value = code[*pc] | code[*pc + 1] << 8;
  *pc += 2;
  return value;
}

static s64 combine(u8 op, s64 a, s64 b) {
  switch (op) {
    case OR: return a | b;
    case XOR: return a ^ b;
    case AND: return a & b;
    case EQ: return a == b;
    case NE: return a != b;
    case LT: return a < b;
    case LE: return a <= b;
    case GT: return a > b;
    case GE: return a >= b;
    case SHL: return (u64)a << (b & 63);
    case SHR: return a >> (b & 63);
    case ADD: return (u64)a + (u64)b;
    case SUB: return (u64)a - (u64)b;
    case MUL: return (u64)a * (u64)b;
    case DIV: return a / b;
    default: return a % b;
  }
}

// An element's slot, or 0 if the index is outside the array.
static u64 element(const struct machine *m, u16 slot, s64 index) {
  return index < 0 || index >= m->global[slot] ? 0 : slot + 1 + (u64)index;
}

s64 execute(const struct program *program, s64 *output, u64 room, u64 *wrote) {
  static struct machine machine;
  struct machine *m = &machine;
  const u8 *code = program->code;
  u64 pc = 0;
  *m = (struct machine){.sp = 0};
  *wrote = 0;
  for (;;) {
    if (m->sp + 16 > STACK) return FAULT;
    u8 op = code[pc++];
    if (op >= OR) {
      s64 b = m->stack[--m->sp], *a = &m->stack[m->sp - 1];
      if (op >= DIV && b == 0) return FAULT;
      *a = combine(op, *a, b);
      continue;
    }
    switch (op) {
      case HALT:
        return 0;
      case CONST: {
        u64 value = 0;
        for (int n = 0; n < 64; n += 8) value |= (u64)code[pc++] << n;
        m->stack[m->sp++] = value;
        break;
      }
      case LOAD:
        m->stack[m->sp++] = m->global[operand(code, &pc)];
        break;
      case STORE:
        m->global[operand(code, &pc)] = m->stack[--m->sp];
        break;
      case LOAD_AT: {
        u64 at = element(m, operand(code, &pc), m->stack[m->sp - 1]);
        if (!at) return FAULT;
        m->stack[m->sp - 1] = m->global[at];
        break;
      }
      case STORE_AT: {
        m->sp -= 2;
        u64 at = element(m, operand(code, &pc), m->stack[m->sp]);
        if (!at) return FAULT;
        m->global[at] = m->stack[m->sp + 1];
        break;
      }
      case LOCAL:
        m->stack[m->sp++] = m->stack[m->frame + operand(code, &pc)];
        break;
      case SET_LOCAL:
        m->stack[m->frame + operand(code, &pc)] = m->stack[--m->sp];
        break;
      case JUMP:
        pc = operand(code, &pc);
        break;
      case JUMP_ZERO: {
        u16 to = operand(code, &pc);
        if (m->stack[--m->sp] == 0) pc = to;
        break;
      }
      case CALL: { // below the arguments goes where to return to
        u16 to = operand(code, &pc);
        u64 arguments = code[pc++], base = m->sp - arguments;
        for (u64 n = m->sp; n > base; n--) m->stack[n] = m->stack[n - 1];
        m->stack[base] = m->frame << 16 | pc;
        m->frame = base + 1;
        m->sp++;
        pc = to;
        break;
      }
      case ENTER:
        for (u16 n = operand(code, &pc); n; n--) m->stack[m->sp++] = 0;
        break;
      case RETURN: {
        s64 value = m->stack[m->sp - 1], link = m->stack[m->frame - 1];
        m->sp = m->frame - 1;
        m->stack[m->sp++] = value;
        m->frame = link >> 16;
        pc = link & 0xffff;
        break;
      }
      case PRINT:
        if (*wrote == room) return FAULT;
        output[(*wrote)++] = m->stack[--m->sp];
        break;
      case DROP:
        m->sp--;
        break;
      case NEGATE:
        m->stack[m->sp - 1] = -(u64)m->stack[m->sp - 1];
        break;
      case NOT:
        m->stack[m->sp - 1] = !m->stack[m->sp - 1];
        break;
      case INVERT:
        m->stack[m->sp - 1] = ~m->stack[m->sp - 1];
        break;
      default:
        return FAULT;
    }
  }
}
