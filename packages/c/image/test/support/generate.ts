// SPDX-License-Identifier: GPL-2.0-only

/** A random number generator that depends on its seed only (mulberry32). */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * limit)
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }
}

const types = ['u8', 's8', 'u16', 's16', 'u32', 's32', 'u64', 's64'] as const
const wide = [...types, 'u128', 's128'] as const
type CType = (typeof wide)[number]

const unionMembers = ['both.whole', 'both.bytes[seed & 7]', 'both.halves[2]', 'both.low', 'both.high']

/** Types and functions that every program has. */
const prelude = `typedef unsigned char u8; typedef signed char s8; typedef unsigned short u16; typedef short s16;
typedef unsigned int u32; typedef int s32; typedef unsigned long u64; typedef long s64;
typedef unsigned __int128 u128; typedef __int128 s128;
typedef __builtin_va_list va_list;
struct small { s32 a; u8 b; };
struct pair { u64 first; s64 second; };
struct large { u64 words[7]; u16 half; };
struct bits { u32 a : 3; s32 b : 7; u32 c : 1; u64 d : 33; s8 e : 5; u32 : 0; u32 f : 24; s64 g : 40; };
struct packed { u8 a; u32 b; u64 c; u16 d; } __attribute__((packed));
union mixed { u64 whole; u8 bytes[8]; u16 halves[4]; struct { u32 low; s32 high; }; };
struct node { struct node *next; s32 value; struct small inner[2]; };
static u64 hash = 1469598103934665603ul;
static void note(u64 value) { hash = (hash ^ value) * 1099511628211ul; hash ^= hash >> 29; }
static u64 arguments(u32 count, ...)
{
	va_list list, copy;
	u64 total = 0;
	__builtin_va_start(list, count);
	__builtin_va_copy(copy, list);
	for (u32 i = 0; i < count; i++) {
		if (i % 3 == 0) total = total * 31 + (u64)__builtin_va_arg(list, s32);
		else if (i % 3 == 1) total = total * 31 + __builtin_va_arg(list, u64);
		else { struct pair p = __builtin_va_arg(list, struct pair); total = total * 31 + p.first - p.second; }
	}
	if (count) total ^= (u64)__builtin_va_arg(copy, s32) << 7;
	__builtin_va_end(copy);
	__builtin_va_end(list);
	return total;
}
static struct small turn(struct small s, u8 by) { s.a = s.a * 3 + by; s.b ^= by; return s; }
static struct pair mix(struct pair p, struct small s) { p.first += s.a; p.second ^= s.b; return p; }
static struct large spread(struct large l, u32 at) { l.words[at % 7] += l.half; l.half += at; return l; }
`

/**
 * Generates a C program without undefined behaviour. Its `u64 test(u64 seed)` returns a hash of everything that it
 * computes.
 *
 * @param byteOrder - true if the program may access single bytes of larger integers
 */
export function generateProgram(seed: number, byteOrder = true): string {
  return new Generator(new Random(seed), byteOrder).program()
}

class Generator {
  private readonly random: Random
  private variables: { name: string; type: CType }[] = []
  private depth = 0
  private names = 0
  private helpers = 0
  private loops = 0

  private readonly byteOrder: boolean

  constructor(random: Random, byteOrder: boolean) {
    this.random = random
    this.byteOrder = byteOrder
  }

  program(): string {
    const globals = Array.from({ length: 4 }, (_, i) => {
      const type = this.random.pick(types)
      return `static ${type} g${i}[8] = { ${Array.from({ length: 8 }, () => this.literal(type)).join(', ')} };`
    })
    const helpers = Array.from({ length: 3 }, () => this.helper())
    return `${prelude}${globals.join('\n')}
static struct bits field;
static struct packed raw;
static union mixed both;
static volatile u32 watched;
${helpers.join('\n')}
static u64 (*const table[])(u64, s32, u8) = { helper0, helper1, helper2 };
u64 test(u64 seed)
{
	struct small s = { (s32)seed, (u8)(seed >> 9) };
	struct pair p = { seed, -(s64)(seed >> 3) };
	struct large l = { { seed, 1, 2, seed >> 5 }, (u16)seed };
	struct node nodes[4] = { { 0 } };
	u8 buffer[16], other[16];
	hash = 1469598103934665603ul;
	watched = (u32)seed;
	both.whole = seed * 0x9e3779b97f4a7c15ul;
	__builtin_memset(buffer, (int)(seed & 127), sizeof(buffer));
	for (u32 i = 0; i < 4; i++) { nodes[i].next = &nodes[(i + 1) % 4]; nodes[i].value = (s32)(seed >> i); }
${this.body(3)}
	__builtin_memcpy(other, buffer, 16);
	for (u32 i = 0; i < 16; i++) note(other[i]);
	for (u32 i = 0; i < 8; i++) note((u64)g0[i] ^ ((u64)g1[i] << 8) ^ ((u64)g2[i] << 16) ^ ((u64)g3[i] << 24));
	for (struct node *n = nodes; n; n = n->next == nodes ? 0 : n->next) note((u64)n->value + (u64)n->inner[1].a);
	note((u64)s.a); note(s.b); note(p.first); note((u64)p.second); note(l.half); note(l.words[3]);
	note(field.a); note((u64)field.b); note(field.c); note(field.d); note((u64)field.e); note(field.f); note((u64)field.g);
	note(raw.a); note(raw.b); note(raw.c); note(raw.d); note(both.whole); note(watched);
	return hash;
}
`
  }

  private helper(): string {
    const name = `helper${this.helpers++}`
    this.variables = [
      { name: 'x', type: 'u64' },
      { name: 'y', type: 's32' },
      { name: 'z', type: 'u8' },
    ]
    const locals = Array.from({ length: 2 }, () => this.declare())
    const statements = Array.from({ length: 3 }, () => this.assignment()).join('\n')
    const result = `static u64 ${name}(u64 x, s32 y, u8 z)\n{\n${locals.join('\n')}\n${statements}\n\treturn ${this.expression('u64', 3)};\n}`
    this.variables = []
    return result
  }

  private body(depth: number): string {
    this.variables = [{ name: 'seed', type: 'u64' }]
    const locals = Array.from({ length: 6 }, () => this.declare())
    const statements = Array.from({ length: 12 }, () => this.statement(depth))
    const notes = this.variables.map(
      ({ name, type }) =>
        `\tnote((u64)${name});${type.endsWith('128') ? ` note((u64)(${name} >> 64));` : ''}`,
    )
    return [...locals, ...statements, ...notes].join('\n')
  }

  private declare(): string {
    const type = this.random.pick(wide)
    const name = `v${this.names++}`
    const text = `\t${type} ${name} = ${this.expression(type, 2)};`
    this.variables.push({ name, type })
    return text
  }

  private statement(depth: number): string {
    if (depth === 0) return this.assignment()
    switch (this.random.below(12)) {
      case 0:
        return `\tif (${this.condition()}) {\n${this.statement(depth - 1)}\n\t} else {\n${this.statement(depth - 1)}\n\t}`
      case 1: {
        const name = `i${this.loops++}`
        const exit = this.random.chance(40)
          ? `\tif (${this.condition()}) ${this.random.pick(['break', 'continue'])};\n`
          : ''
        return `\tfor (u32 ${name} = 0; ${name} < ${1 + this.random.below(6)}; ${name}++) {\n${exit}${this.statement(depth - 1)}\n\t\tnote(${name});\n\t}`
      }
      case 2: {
        const name = `w${this.loops++}`
        return `\t{ u32 ${name} = ${this.random.below(5)}; do {\n${this.statement(depth - 1)}\n\t} while (${name}-- > 0 && ${this.condition()}); }`
      }
      case 3:
        return this.switch(depth)
      case 4: {
        const name = `out${this.loops++}`
        const [a, b] = [`i${this.loops++}`, `i${this.loops++}`]
        return `\tfor (u32 ${a} = 0; ${a} < 3; ${a}++) for (u32 ${b} = 0; ${b} < 3; ${b}++) {\n${this.statement(depth - 1)}\n\t\tif (${this.condition()}) goto ${name};\n\t}\n${name}:\n\tnote(${this.loops});`
      }
      case 5: {
        const [back, count] = [`again${this.loops++}`, `n${this.loops}`]
        return `\t{ u32 ${count} = 0;\n${back}:\n${this.statement(depth - 1)}\n\tif (${count}++ < ${this.random.below(4)} && ${this.condition()}) goto ${back}; }`
      }
      default:
        return this.assignment()
    }
  }

  private switch(depth: number): string {
    const type = this.random.pick(types)
    const dense = this.random.chance(60)
    const values = new Set<string>()
    while (values.size < 5) values.add(dense ? String(this.random.below(9)) : this.literal(type))
    const cases = [...values].map((value, i) => {
      const range = dense ? '' : ''
      const end = this.random.chance(70) ? '\t\tbreak;\n' : ''
      return `\tcase ${value}${range}:\n${i % 2 === 0 ? this.statement(depth - 1) : `\t\tnote(${i});`}\n${end}`
    })
    const fallback = this.random.chance(60) ? `\tdefault:\n${this.assignment()}\n` : ''
    return `\tswitch ((${type})(${this.expression(type, 2)}${dense ? ' & 15' : ''})) {\n${cases.join('')}${fallback}\t}`
  }

  private assignment(): string {
    const { random } = this
    const inHelper = this.variables[0]?.name === 'x'
    const target = random.pick(
      this.variables.slice(inHelper ? 0 : 1).length > 0
        ? this.variables.slice(inHelper ? 0 : 1)
        : this.variables,
    )
    switch (random.below(inHelper ? 3 : 18)) {
      case 0:
      case 1:
        return `\t${target.name} = ${this.expression(target.type, 3)};`
      case 2: {
        const operator = random.pick(['+=', '-=', '*=', '&=', '|=', '^='])
        return `\t${target.name} ${operator} ${this.expression(target.type, 2)};`
      }
      case 3: {
        const index = random.below(4)
        return `\tg${index}[${this.expression('u32', 1)} & 7] ${random.pick(['=', '+=', '^='])} ${this.expression(random.pick(types), 2)};`
      }
      case 4:
        return `\tfield.${random.pick(['a', 'b', 'c', 'd', 'e', 'f', 'g'])} ${random.pick(['=', '+=', '^='])} ${this.expression('u64', 2)};`
      case 5:
        return `\traw.${random.pick(['a', 'b', 'c', 'd'])} ${random.pick(['=', '-='])} ${this.expression('u64', 2)};`
      case 6:
        return `\t${this.byteOrder ? random.pick(unionMembers) : 'both.whole'} = ${this.expression('u32', 2)};`
      case 7:
        return `\ts = turn(s, ${this.expression('u8', 2)});`
      case 8:
        return '\tp = mix(p, s);'
      case 9:
        return `\tl = spread(l, ${this.expression('u32', 1)});`
      case 10:
        return `\tnodes[${this.expression('u32', 1)} & 3].${random.pick(['value', 'inner[1].a', 'inner[0].b'])} += ${this.expression('s32', 2)};`
      case 11:
        return `\tbuffer[${this.expression('u32', 1)} & 15] ${random.pick(['=', '^='])} ${this.expression('u8', 2)};`
      case 12: {
        const count = random.below(7)
        const given = Array.from({ length: count }, (_, i) =>
          i % 3 === 0
            ? `(s32)${this.expression('s32', 1)}`
            : i % 3 === 1
              ? `(u64)${this.expression('u64', 1)}`
              : 'p',
        )
        return `\tnote(arguments(${[count, ...given].join(', ')}));`
      }
      case 13:
        return `\tnote(table[(u32)${this.expression('u32', 1)} % 3](${this.expression('u64', 1)}, ${this.expression('s32', 1)}, ${this.expression('u8', 1)}));`
      case 14: {
        const [type, operation] = [random.pick(types), random.pick(['add', 'sub', 'mul'])]
        return `\t{ ${type} r; note(__builtin_${operation}_overflow((${type})${this.expression(type, 1)}, (${type})${this.expression(type, 1)}, &r)); note((u64)r); }`
      }
      case 15:
        return `\tnote((u64)nodes[${this.expression('u32', 1)} & 3].next->next->value);`
      case 16:
        return `\twatched ${random.pick(['=', '+='])} ${this.expression('u32', 2)};`
      default:
        return `\t{ struct small t = ${this.condition()} ? s : turn(s, 3); note((u64)t.a); const struct pair q = { ${this.expression('u64', 1)}, 4 }; note(mix(q, t).first); }`
    }
  }

  private condition(): string {
    const type = this.random.pick(wide)
    const operator = this.random.pick(['<', '<=', '>', '>=', '==', '!='])
    const simple = `(${type})${this.expression(type, 1)} ${operator} (${type})${this.expression(type, 1)}`
    if (this.random.chance(30))
      return `((${simple}) ${this.random.pick(['&&', '||'])} (${this.expression('u32', 1)}))`
    return `(${simple})`
  }

  private expression(type: CType, depth: number): string {
    if (depth === 0 || this.depth > 12) return this.leaf(type)
    this.depth++
    const text = this.operation(type, depth)
    this.depth--
    return text
  }

  private operation(type: CType, depth: number): string {
    const { random } = this
    const inner = (of: CType = type): string => this.expression(of, depth - 1)
    const bits = Number(type.slice(1))
    switch (random.below(12)) {
      case 0:
      case 1:
        return `((${type})${inner()} ${random.pick(['+', '-', '*'])} (${type})${inner()})`
      case 2:
        return `((${type})${inner()} ${random.pick(['&', '|', '^'])} (${type})${inner()})`
      case 3: {
        // 128-bit division needs a function that kernels do not have.
        const narrow = bits === 128 ? 'u64' : type.startsWith('s') ? `u${bits}` : type
        const divided = random.chance(50) || bits >= 32 ? `(${narrow})${inner()}` : `(s32)${inner()}`
        return `(${divided} ${random.pick(['/', '%'])} ((${narrow})(${inner()}) % 29 + 3))`
      }
      case 4:
        return `((${type})${inner()} ${random.pick(['<<', '>>'])} (${this.expression('u32', depth - 1)} & ${Math.max(bits, 32) - 1}))`
      case 5:
        return `(${this.condition()} ? (${type})${inner()} : (${type})${inner()})`
      case 6:
        return `(${random.pick(['-', '~', '!'])}(${type})${inner()})`
      case 7:
        return `((${type})(${random.pick(wide)})${inner(random.pick(wide))})`
      case 8:
        return random.pick([
          `__builtin_popcountl((u64)${inner()})`,
          `__builtin_ctzl((u64)${inner()} | 4)`,
          `__builtin_clz((u32)${inner()} | 1)`,
          `__builtin_bswap64((u64)${inner()})`,
          `__builtin_bswap32((u32)${inner()})`,
          `__builtin_bswap16((u16)${inner()})`,
        ])
      case 9: {
        // Signed division by a constant that is neither 0 nor -1.
        const signed = bits >= 64 ? 's64' : 's32'
        return `((${signed})${inner()} ${random.pick(['/', '%'])} (${signed})${random.pick([3, 7, -5, 1000])})`
      }
      default:
        return this.leaf(type)
    }
  }

  private leaf(type: CType): string {
    const { random } = this
    if (this.variables.length > 0 && random.chance(65)) return random.pick(this.variables).name
    return this.literal(type)
  }

  private literal(type: CType): string {
    const { random } = this
    const bits = Math.min(64, Number(type.slice(1)))
    const raw = random.pick([
      0n,
      1n,
      (1n << BigInt(bits)) - 1n,
      1n << BigInt(bits - 1),
      (1n << BigInt(bits - 1)) - 1n,
      BigInt(random.below(1 << 30)),
      (BigInt(random.below(1 << 30)) << 34n) | BigInt(random.below(1 << 30)),
    ])
    const value = BigInt.asUintN(bits, raw)
    if (!type.startsWith('s')) return `${value}u${bits === 64 ? 'l' : ''}`
    const signed = BigInt.asIntN(bits, value)
    // The smallest integer has no literal.
    if (signed === -(1n << BigInt(bits - 1))) return `(-${-(signed + 1n)}${bits === 64 ? 'l' : ''} - 1)`
    return signed < 0n ? `(${signed}${bits === 64 ? 'l' : ''})` : `${signed}${bits === 64 ? 'l' : ''}`
  }
}
