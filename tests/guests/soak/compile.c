// Compiles the toy language in one pass, from text to code.
//
//   program    statements; `fn` may come only at the top
//   statement  fn NAME ( names ) { ... }    array NAME [ NUMBER ] ;
//              var NAME = e ;   NAME = e ;   NAME [ e ] = e ;   print e ;
//              if e { ... } else { ... }    while e { ... }    return e ;   e ;
//   e          || && | ^ & == != < <= > >= << >> + - * / % with C's order,
//              unary - ! ~, calls, elements, ( e ), numbers, names

#include "machine.h"
#include "soak.h"

#define NAMES 48
#define NAME_ROOM 24

enum kind { GLOBAL, LOCAL_NAME, FUNCTION, ARRAY };

struct name {
  char text[NAME_ROOM];
  u8 kind;
  u16 at; // slot, local number, or address of the code
};

struct state {
  struct program *program;
  const char *at;
  char token[NAME_ROOM]; // empty at the end
  u64 token_at;
  const char *source;
  struct name name[NAMES];
  u32 names, slots, locals, in_function;
};

static int is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static void fail(struct state *s, const char *error) {
  if (s->program->error) return;
  s->program->error = error;
  s->program->error_at = s->token_at;
  s->at = "";
  s->token[0] = 0;
}

// A word, or one of the operators of two characters, or one character.
static void next(struct state *s) {
  static const char pairs[] = "==!=<=>=<<>>&&||";
  while (*s->at == ' ' || *s->at == '\n') s->at++;
  u64 n = 0;
  s->token_at = s->at - s->source;
  if (is_word(*s->at)) {
    while (is_word(s->at[n])) n++;
  } else if (*s->at) {
    n = 1;
    for (u64 k = 0; pairs[k]; k += 2) {
      if (s->at[0] == pairs[k] && s->at[1] == pairs[k + 1]) n = 2;
    }
  }
  if (n >= NAME_ROOM) {
    fail(s, "word too long");
    return;
  }
  memcpy(s->token, s->at, n);
  s->token[n] = 0;
  s->at += n;
}

static int is(struct state *s, const char *token) {
  return s->token[0] == token[0] && text_equal(s->token, token);
}

static int accept(struct state *s, const char *token) {
  if (!is(s, token)) return 0;
  next(s);
  return 1;
}

static void expect(struct state *s, const char *token) {
  if (!accept(s, token)) fail(s, token);
}

static void emit(struct state *s, u8 byte) {
  struct program *p = s->program;
  if (p->length == sizeof p->code) fail(s, "code too long");
  else p->code[p->length++] = byte;
}

static void emit16(struct state *s, u8 op, u16 operand) {
  emit(s, op);
  emit(s, operand);
  emit(s, operand >> 8);
}

// Emits a jump whose target comes later; `land` fills it in.
static u64 jump(struct state *s, u8 op) {
  emit16(s, op, 0);
  return s->program->length - 2;
}

static void land(struct state *s, u64 at) {
  s->program->code[at] = s->program->length;
  s->program->code[at + 1] = s->program->length >> 8;
}

static struct name *find(struct state *s, const char *text) {
  for (u32 n = s->names; n-- > 0;) {
    if (text_equal(s->name[n].text, text)) return &s->name[n];
  }
  return 0;
}

static void declare_as(struct state *s, const char *text, u8 kind, u16 at) {
  if (s->names == NAMES) {
    fail(s, "too many names");
    return;
  }
  struct name *name = &s->name[s->names++];
  memcpy(name->text, text, NAME_ROOM);
  name->kind = kind;
  name->at = at;
}

// Declares the word under the cursor.
static void declare(struct state *s, u8 kind, u16 at) {
  declare_as(s, s->token, kind, at);
  next(s);
}

static void expression(struct state *s, u64 level);

static u64 number(struct state *s) {
  u64 value = 0;
  for (const char *c = s->token; *c; c++) {
    if (*c < '0' || *c > '9') fail(s, "number");
    value = value * 10 + *c - '0';
  }
  next(s);
  return value;
}

static void constant(struct state *s, u64 value) {
  emit(s, CONST);
  for (int n = 0; n < 64; n += 8) emit(s, value >> n);
}

static void call(struct state *s, const struct name *function) {
  u8 arguments = 0;
  while (!s->program->error && !is(s, ")")) {
    expression(s, 0);
    arguments++;
    if (!accept(s, ",")) break;
  }
  expect(s, ")");
  emit16(s, CALL, function->at);
  emit(s, arguments);
}

static void primary(struct state *s) {
  static const struct { const char *token; u8 op; } unary[] = {
      {"-", NEGATE}, {"!", NOT}, {"~", INVERT}};
  for (u64 n = 0; n < COUNT(unary); n++) {
    if (!accept(s, unary[n].token)) continue;
    primary(s);
    emit(s, unary[n].op);
    return;
  }
  if (accept(s, "(")) {
    expression(s, 0);
    expect(s, ")");
    return;
  }
  if (s->token[0] >= '0' && s->token[0] <= '9') {
    constant(s, number(s));
    return;
  }
  struct name *name = find(s, s->token);
  if (!name) {
    fail(s, "unknown name");
    return;
  }
  next(s);
  if (name->kind == FUNCTION) {
    expect(s, "(");
    call(s, name);
  } else if (name->kind == ARRAY) {
    expect(s, "[");
    expression(s, 0);
    expect(s, "]");
    emit16(s, LOAD_AT, name->at);
  } else {
    emit16(s, name->kind == GLOBAL ? LOAD : LOCAL, name->at);
  }
}

// Levels of binding, weakest first; the first two evaluate by need.
static const struct { const char *token; u8 level, op; } binary[] = {
    {"||", 0, 0},   {"&&", 1, 0},   {"|", 2, OR},   {"^", 3, XOR},
    {"&", 4, AND},  {"==", 5, EQ},  {"!=", 5, NE},  {"<", 6, LT},
    {"<=", 6, LE},  {">", 6, GT},   {">=", 6, GE},  {"<<", 7, SHL},
    {">>", 7, SHR}, {"+", 8, ADD},  {"-", 8, SUB},  {"*", 9, MUL},
    {"/", 9, DIV},  {"%", 9, MOD}};

// `left` || right is NOT NOT of the left one that decides, else of the right.
static void by_need(struct state *s, u64 level) {
  emit(s, NOT);
  if (level == 1) emit(s, NOT);
  u64 decided = jump(s, JUMP_ZERO);
  expression(s, level + 1);
  emit(s, NOT);
  emit(s, NOT);
  u64 end = jump(s, JUMP);
  land(s, decided);
  constant(s, level == 0);
  land(s, end);
}

static void expression(struct state *s, u64 level) {
  primary(s);
  for (;;) {
    u64 n = 0;
    while (n < COUNT(binary) && !(binary[n].level >= level && is(s, binary[n].token))) n++;
    if (n == COUNT(binary)) return;
    next(s);
    if (binary[n].level < 2) {
      by_need(s, binary[n].level);
    } else {
      expression(s, binary[n].level + 1);
      emit(s, binary[n].op);
    }
  }
}

static void statement(struct state *s);

static void block(struct state *s) {
  expect(s, "{");
  while (!s->program->error && !is(s, "}")) {
    if (!s->token[0]) fail(s, "}");
    else statement(s);
  }
  expect(s, "}");
}

static void function(struct state *s) {
  u64 over = jump(s, JUMP);
  declare(s, FUNCTION, s->program->length);
  u32 outside = s->names;
  s->in_function = 1;
  s->locals = 0;
  expect(s, "(");
  while (!s->program->error && !is(s, ")")) {
    declare(s, LOCAL_NAME, s->locals++);
    if (!accept(s, ",")) break;
  }
  expect(s, ")");
  u32 parameters = s->locals;
  emit16(s, ENTER, 0);
  u64 room = s->program->length - 2;
  block(s);
  constant(s, 0);
  emit(s, RETURN);
  s->program->code[room] = s->locals - parameters;
  s->names = outside;
  s->in_function = 0;
  land(s, over);
}

static void branch(struct state *s) {
  expression(s, 0);
  u64 otherwise = jump(s, JUMP_ZERO);
  block(s);
  if (!accept(s, "else")) {
    land(s, otherwise);
    return;
  }
  u64 end = jump(s, JUMP);
  land(s, otherwise);
  if (accept(s, "if")) branch(s);
  else block(s);
  land(s, end);
}

static void loop(struct state *s) {
  u64 start = s->program->length;
  expression(s, 0);
  u64 end = jump(s, JUMP_ZERO);
  block(s);
  emit16(s, JUMP, start);
  land(s, end);
}

// The name is known only after its value: `var x = x` means an outer x.
static void variable(struct state *s) {
  char text[NAME_ROOM];
  memcpy(text, s->token, NAME_ROOM);
  next(s);
  expect(s, "=");
  expression(s, 0);
  u16 at = s->in_function ? s->locals++ : s->slots++;
  declare_as(s, text, s->in_function ? LOCAL_NAME : GLOBAL, at);
  emit16(s, s->in_function ? SET_LOCAL : STORE, at);
  expect(s, ";");
}

static void array(struct state *s) {
  u16 slot = s->slots;
  declare(s, ARRAY, slot);
  expect(s, "[");
  u64 length = number(s);
  s->slots += length + 1;
  constant(s, length);
  emit16(s, STORE, slot);
  expect(s, "]");
  expect(s, ";");
}

// Assignments to names and elements begin as expressions do; a function's name
// begins a call, whose value is dropped.
static void assignment(struct state *s) {
  const struct name *name = find(s, s->token);
  if (!name || name->kind == FUNCTION) {
    expression(s, 0);
    emit(s, DROP);
    expect(s, ";");
    return;
  }
  next(s);
  if (name->kind == ARRAY) {
    expect(s, "[");
    expression(s, 0);
    expect(s, "]");
  }
  expect(s, "=");
  expression(s, 0);
  u8 op = name->kind == ARRAY ? STORE_AT : name->kind == GLOBAL ? STORE : SET_LOCAL;
  emit16(s, op, name->at);
  expect(s, ";");
}

static void statement(struct state *s) {
  if (!s->in_function && accept(s, "fn")) {
    function(s);
  } else if (accept(s, "var")) {
    variable(s);
  } else if (!s->in_function && accept(s, "array")) {
    array(s);
  } else if (accept(s, "if")) {
    branch(s);
  } else if (accept(s, "while")) {
    loop(s);
  } else if (is(s, "print") || is(s, "return")) {
    u8 op = is(s, "print") ? PRINT : RETURN;
    next(s);
    expression(s, 0);
    emit(s, op);
    expect(s, ";");
  } else {
    assignment(s);
  }
}

void compile(struct program *program, const char *source) {
  static struct state state;
  state = (struct state){.program = program, .at = source, .source = source};
  program->length = 0;
  program->error = 0;
  next(&state);
  while (state.token[0]) statement(&state);
  emit(&state, HALT);
}
