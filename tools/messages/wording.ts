import type {
  ArrowFunctionExpression,
  CallExpression,
  Expression,
  Function as FunctionNode,
  Node,
  ObjectExpression,
  ParamPattern,
} from 'oxc-parser'
import { calledName, childrenOf, type Placed, type SourceFile, type Sources } from './sources.ts'

/** One text that an expression may become, and which branches of the conditions in it that takes. */
export interface Wording {
  readonly text: string
  readonly choices: ReadonlyMap<string, boolean>
}

/** A function of the sources that has a body of its own. */
export type Callable = FunctionNode | ArrowFunctionExpression

const isCallable = (node: Node): node is Callable =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'

/** For each function on the way in, the call that is followed. */
export type Frames = ReadonlyMap<Callable, Placed<CallExpression>>

type Binding =
  | { readonly kind: 'value'; readonly at: Placed<Expression> }
  | { readonly kind: 'callable'; readonly at: Placed<Callable> }
  | { readonly kind: 'parameter'; readonly of: Callable; readonly index: number; readonly key?: string }
  | { readonly kind: 'unknown' }

const UNKNOWN: Binding = { kind: 'unknown' }
const MOST_TEXTS = 24
/** Names that say nothing without that of what they belong to. */
const BARE = new Set([
  'name',
  'id',
  'path',
  'file',
  'text',
  'value',
  'label',
  'title',
  'kind',
  'type',
  'what',
  'index',
  'line',
])
const NAMELESS = new Set(['this', 'settings', 'config', 'options', 'input', 'inputs', 'given', 'found', 'one', 'deps'])
/** What keeps a text, cut or made harmless. */
const KEEPING = new Set(['forLog', 'forMarkdown', 'cut', 'String', 'oneLine', 'capitalised'])
/** Methods whose result has the name of what they are called on. */
const OF_THE_SAME = new Set(
  'trim trimEnd join map filter flatMap slice toUpperCase toLowerCase toFixed toString toLocaleString replace replaceAll split at sort toSorted keys values entries stringify'.split(
    ' ',
  ),
)

const plain = (text: string): Wording => ({ text, choices: new Map() })

/** Names whose meaning the code shows and a page does not. */
const PLACEHOLDERS = new Map([
  ['error', 'reason'],
  ['why', 'reason'],
  ['mend', 'what to write'],
  ['issue', 'reason'],
  ['flat', 'what may stand there'],
  ['there', 'value'],
  ['found', 'value'],
  ['cwd', 'directory'],
])
const STATIC = new Set(['JSON.stringify', 'Object.keys', 'Object.values', 'Object.entries'])

/** `a.b` of a plain path of names. */
const nodeText = (node: Node): string =>
  node.type === 'Identifier'
    ? node.name
    : node.type === 'MemberExpression' && !node.computed
      ? `${nodeText(node.object)}.${nodeText(node.property)}`
      : ''

/** Whether a text says anything besides what is put in. */
export const saysSomething = (text: string): boolean => /\p{L}{2}/u.test(text.replaceAll(/<[^<>]*>/g, ''))

const sourceText = ({ text }: SourceFile, { start, end }: Node): string => text.slice(start, end)

const words = (name: string): string =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()

function agree(a: Wording['choices'], b: Wording['choices']): Map<string, boolean> | undefined {
  for (const [condition, taken] of b) if ((a.get(condition) ?? taken) !== taken) return undefined
  return new Map([...a, ...b])
}

/** All pairs that take the same branches, joined. */
export function pairs<A extends Pick<Wording, 'choices'>, T>(
  some: readonly A[],
  others: readonly Wording[],
  join: (a: A, b: Wording, choices: Wording['choices']) => T,
): T[] {
  return some
    .flatMap((a) =>
      others.flatMap((b) => {
        const choices = agree(a.choices, b.choices)
        return choices ? [join(a, b, choices)] : []
      }),
    )
    .slice(0, MOST_TEXTS)
}

const joined = (parts: readonly (readonly Wording[])[]): Wording[] =>
  parts.reduce<Wording[]>(
    (before, part) => pairs(before, part, (a, b, choices) => ({ text: a.text + b.text, choices })),
    [plain('')],
  )

function propertyOf(object: ObjectExpression, key: string): Expression | undefined {
  for (const property of object.properties)
    if (property.type === 'Property' && property.key.type === 'Identifier' && property.key.name === key)
      return property.value
  return undefined
}

/** Reads expressions as the texts that they become. */
export class Wordings {
  private readonly sources: Sources
  /** Functions whose parameters were read while no call of theirs was followed. */
  readonly open = new Set<Placed<Callable>>()

  constructor(sources: Sources) {
    this.sources = sources
  }

  read(node: Node, file: SourceFile, frames: Frames, depth = 0): Wording[] {
    const inner = (child: Node) => this.read(child, file, frames, depth + 1)
    if (depth > 24) return [plain(this.placeholder(node))]
    switch (node.type) {
      case 'Literal':
        return [plain(String(node.value))]
      case 'TemplateLiteral':
        return joined(
          node.quasis.flatMap(({ value }, i) => [
            [plain(value.cooked ?? value.raw)],
            ...(i < node.expressions.length ? [inner(node.expressions[i]!)] : []),
          ]),
        )
      case 'ParenthesizedExpression':
      case 'TSAsExpression':
      case 'TSNonNullExpression':
      case 'TSSatisfiesExpression':
      case 'AwaitExpression':
      case 'ChainExpression':
        return inner('expression' in node ? node.expression : node.argument)
      case 'ConditionalExpression':
        return this.branches(sourceText(file, node.test), inner(node.consequent), inner(node.alternate))
      case 'LogicalExpression': {
        const condition = sourceText(file, node.left)
        if (node.operator === '&&') return this.branches(condition, inner(node.right), [plain('')])
        return this.branches(
          condition,
          inner(node.left).filter(({ text }) => text !== ''),
          inner(node.right),
        )
      }
      case 'BinaryExpression':
        return this.binary(node, inner)
      case 'Identifier':
        return this.identifier(node.name, node, file, frames, depth)
      case 'MemberExpression':
        return this.member(node, file, frames, depth)
      case 'CallExpression':
        return this.call(node, file, frames, depth)
      default:
        return [plain(this.placeholder(node))]
    }
  }

  private branches(condition: string, yes: readonly Wording[], no: readonly Wording[]): Wording[] {
    const take = (list: readonly Wording[], taken: boolean) =>
      list.flatMap(({ text, choices }) => {
        const both = agree(new Map([[condition, taken]]), choices)
        return both ? [{ text, choices: both }] : []
      })
    return [...take(yes, true), ...take(no, false)]
  }

  private binary(node: Extract<Node, { type: 'BinaryExpression' }>, inner: (child: Node) => Wording[]): Wording[] {
    const [left, right] = [inner(node.left), inner(node.right)]
    const [a, b] = [Number(left[0]?.text || 'x'), Number(right[0]?.text || 'x')]
    const computed = { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '**': a ** b }[node.operator as '+']
    if (computed !== undefined && !Number.isNaN(computed)) return [plain(String(computed))]
    const texts = node.operator === '+' && [...left, ...right].some(({ text }) => saysSomething(text))
    return texts ? joined([left, right]) : [plain(this.placeholder(node.left as Node))]
  }

  private identifier(name: string, node: Node, file: SourceFile, frames: Frames, depth: number): Wording[] {
    if (name === 'undefined') return []
    const own = [plain(this.placeholder(node))]
    const worded = (found: Wording[]) =>
      found.some(({ text }) => saysSomething(text) || /^[\d.]*$/.test(text)) ? found : own
    const binding = this.bindingOf(name, node, file)
    switch (binding.kind) {
      case 'value':
        return worded(this.read(binding.at.node, binding.at.file, frames, depth + 1))
      case 'parameter': {
        const call = frames.get(binding.of)
        if (!call) {
          this.open.add({ file, node: binding.of })
          return own
        }
        const given = call.node.arguments[binding.index]
        if (given === undefined) return this.defaultOf(binding.of.params[binding.index]!, file, frames, depth)
        const argument = binding.key === undefined ? given : this.propertyIn(given, binding.key)
        return argument ? worded(this.read(argument, call.file, frames, depth + 1)) : own
      }
      default:
        return own
    }
  }

  private propertyIn(given: Node, key: string): Expression | undefined {
    return given.type === 'ObjectExpression' ? propertyOf(given, key) : undefined
  }

  private defaultOf(parameter: ParamPattern, file: SourceFile, frames: Frames, depth: number): Wording[] {
    return parameter.type === 'AssignmentPattern' ? this.read(parameter.right, file, frames, depth + 1) : []
  }

  private member(
    node: Extract<Node, { type: 'MemberExpression' }>,
    file: SourceFile,
    frames: Frames,
    depth: number,
  ): Wording[] {
    const value = this.propertyAt(node, file, frames)
    return value ? this.read(value.node, value.file, frames, depth + 1) : [plain(this.placeholder(node))]
  }

  /** What `form.empty.why` is, where the object is written out here or in a call that is followed. */
  private propertyAt(node: Node, file: SourceFile, frames: Frames, depth = 0): Placed<Expression> | undefined {
    if (node.type !== 'MemberExpression' || node.computed || node.property.type !== 'Identifier') return undefined
    const object = this.objectAt(unwrapped(node.object), file, frames, depth + 1)
    const value = object && propertyOf(object.node, node.property.name)
    return object && value && { file: object.file, node: value }
  }

  private objectAt(node: Node, file: SourceFile, frames: Frames, depth: number): Placed<ObjectExpression> | undefined {
    if (node.type === 'ObjectExpression') return { file, node }
    if (depth > 24) return undefined
    if (node.type === 'MemberExpression') {
      const value = this.propertyAt(node, file, frames, depth)
      return value && this.objectAt(unwrapped(value.node), value.file, frames, depth + 1)
    }
    if (node.type !== 'Identifier') return undefined
    const binding = this.bindingOf(node.name, node, file)
    if (binding.kind === 'value') return this.objectAt(unwrapped(binding.at.node), binding.at.file, frames, depth + 1)
    if (binding.kind !== 'parameter') return undefined
    const call = frames.get(binding.of)
    const given = call?.node.arguments[binding.index]
    // Only what is written for messages is worth following into every call.
    if (!call && isWorded(node)) this.open.add({ file, node: binding.of })
    return call && given ? this.objectAt(unwrapped(given), call.file, frames, depth + 1) : undefined
  }

  private call(node: CallExpression, file: SourceFile, frames: Frames, depth: number): Wording[] {
    const name = calledName(node)
    const [first] = node.arguments
    if (name === 'messageOf') return [plain('<reason>')]
    if (name === 'suggestName') return [plain('Did you mean "<name>"?')]
    if (name === 'stringify' && first) {
      const [found] = this.read(first, file, new Map(), depth + 1)
      return [plain(`"${(found?.text ?? '').replaceAll(/^"|"$/g, '')}"`)]
    }
    if (name !== undefined && KEEPING.has(name) && first) return this.read(first, file, frames, depth + 1)
    if (node.callee.type === 'Identifier') {
      const binding = this.bindingOf(node.callee.name, node, file)
      const callable = binding.kind === 'callable' ? binding.at : undefined
      if (callable && !frames.has(callable.node)) {
        const inside = new Map([...frames, [callable.node, { file, node }]])
        const found = resultsOf(callable.node).flatMap((result) => this.read(result, callable.file, inside, depth + 1))
        if (found.length > 0 && found.every(({ text }) => text === '' || saysSomething(text))) return found
      }
    }
    return [plain(this.placeholder(node))]
  }

  /** What a name means where it stands. */
  bindingOf(name: string, from: Node, file: SourceFile): Binding {
    for (let node: Node | null | undefined = from; node; node = node.parent) {
      if (isCallable(node)) {
        const index = node.params.findIndex((parameter) => namesOf(parameter).includes(name))
        if (index >= 0) {
          const key = keyOf(node.params[index]!, name)
          return { kind: 'parameter', of: node, index, ...(key !== undefined && { key }) }
        }
      }
      const body: readonly Node[] =
        node.type === 'Program' || node.type === 'BlockStatement'
          ? node.body
          : node.type === 'SwitchCase'
            ? node.consequent
            : []
      const declared = body.map((statement) => declarationOf(name, statement, file)).find((each) => each !== undefined)
      if (declared) return declared
      if ((node.type === 'ForOfStatement' || node.type === 'ForInStatement') && declarationOf(name, node.left, file))
        return UNKNOWN
      if (node.type === 'CatchClause' && node.param && namesOf(node.param).includes(name)) return UNKNOWN
    }
    const imported = file.imports.get(name)
    const other = imported && this.sources.files.get(imported.file)
    if (!imported || !other) return UNKNOWN
    const program = other.nodes[0]!
    return program.type === 'Program'
      ? (program.body.map((statement) => declarationOf(imported.name, statement, other)).find(Boolean) ?? UNKNOWN)
      : UNKNOWN
  }

  /** `<seen text>` for an expression whose value is known only when it runs. */
  placeholder(node: Node): string {
    const name = nameOf(node)
    return `<${name ?? 'value'}>`
  }
}

/** Whether the object at a name is asked for a part of a message. */
function isWorded(node: Node): boolean {
  const { parent } = node
  if (parent?.type !== 'MemberExpression' || parent.property.type !== 'Identifier') return false
  return ['what', 'why', 'mend'].includes(parent.property.name) || isWorded(parent)
}

/** What is inside of brackets and type assertions. */
function unwrapped(node: Node): Node {
  switch (node.type) {
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'ChainExpression':
      return unwrapped(node.expression)
    case 'AwaitExpression':
      return unwrapped(node.argument)
    default:
      return node
  }
}

function nameOf(wrapped: Node): string | undefined {
  const node = unwrapped(wrapped)
  switch (node.type) {
    case 'Identifier':
      return PLACEHOLDERS.get(node.name) ?? words(node.name)
    case 'ThisExpression':
      return undefined
    case 'MemberExpression': {
      // What an input or a key of the configuration is called, and where it stands.
      if (nodeText(node) === 'origin.name') return 'input'
      if (node.computed) return nameOf(node.object)
      const key = node.property.type === 'Identifier' ? node.property.name : ''
      const owner = nameOf(node.object)
      if (key === 'message') return 'reason'
      if (key === 'length' || key === 'size') return `number of ${owner ?? 'them'}`
      return BARE.has(key) && owner !== undefined && !NAMELESS.has(owner) ? `${owner} ${words(key)}` : words(key)
    }
    case 'CallExpression': {
      const called = calledName(node)
      if (node.callee.type === 'MemberExpression' && called !== undefined && OF_THE_SAME.has(called))
        return STATIC.has(nodeText(node.callee)) ? nameOf(node.arguments[0]!) : nameOf(node.callee.object)
      const [first] = node.arguments
      return (first && nameOf(first)) ?? (called === undefined ? undefined : words(called))
    }
    case 'ArrayExpression': {
      const [first] = node.elements
      return first ? nameOf(first) : undefined
    }
    case 'SpreadElement':
      return nameOf(node.argument)
    case 'NewExpression': {
      const [first] = node.arguments
      return first && nameOf(first)
    }
    case 'BinaryExpression':
      return nameOf(node.left as Node)
    case 'LogicalExpression':
      return nameOf(node.left)
    default:
      return undefined
  }
}

/** Everything that a function may give back. */
function resultsOf({ body }: Callable): Expression[] {
  if (!body) return []
  if (body.type !== 'BlockStatement') return [body as Expression]
  const within = (node: Node): Expression[] =>
    isCallable(node)
      ? []
      : node.type === 'ReturnStatement'
        ? node.argument
          ? [node.argument]
          : []
        : childrenOf(node).flatMap(within)
  return childrenOf(body).flatMap(within)
}

function namesOf(pattern: Node): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'AssignmentPattern':
      return namesOf(pattern.left)
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        namesOf(property.type === 'Property' ? property.value : property.argument),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? namesOf(element) : []))
    case 'RestElement':
      return namesOf(pattern.argument)
    default:
      return []
  }
}

/** The key by which a destructured parameter has a name. */
function keyOf(pattern: Node, name: string): string | undefined {
  if (pattern.type === 'AssignmentPattern') return keyOf(pattern.left, name)
  if (pattern.type !== 'ObjectPattern') return undefined
  for (const property of pattern.properties)
    if (property.type === 'Property' && property.key.type === 'Identifier' && namesOf(property.value).includes(name))
      return property.key.name
  return undefined
}

function declarationOf(name: string, statement: Node, file: SourceFile): Binding | undefined {
  if (statement.type === 'ExportNamedDeclaration')
    return statement.declaration ? declarationOf(name, statement.declaration, file) : undefined
  if (statement.type === 'FunctionDeclaration' && statement.id?.name === name)
    return { kind: 'callable', at: { file, node: statement } }
  if (statement.type !== 'VariableDeclaration') return undefined
  for (const { id, init } of statement.declarations) {
    if (id.type === 'Identifier' && id.name === name) {
      if (!init || statement.kind !== 'const') return UNKNOWN
      const value = unwrapped(init)
      return isCallable(value)
        ? { kind: 'callable', at: { file, node: value } }
        : { kind: 'value', at: { file, node: init } }
    }
    if (namesOf(id).includes(name)) return UNKNOWN
  }
  return undefined
}

/** The type that a function is declared to have, by which it is handed on: `const refuse: Refuse = …`. */
export function declaredType({ parent }: Callable): string | undefined {
  const type = parent?.type === 'VariableDeclarator' ? parent.id.typeAnnotation?.typeAnnotation : undefined
  return type?.type === 'TSTypeReference' && type.typeName.type === 'Identifier' ? type.typeName.name : undefined
}

/** The name by which a function is called, where it has one. */
export function callableName(node: Callable): string | undefined {
  if (node.type === 'FunctionDeclaration') return node.id?.name
  const { parent } = node
  if (parent?.type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id.name
  if (parent?.type === 'MethodDefinition' && parent.key.type === 'Identifier') return parent.key.name
  return undefined
}
