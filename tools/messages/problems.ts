import type { ObjectExpression } from 'oxc-parser'
import type { Placed, Sources } from './sources.ts'
import {
  type Callable,
  callableName,
  declaredType,
  type Frames,
  pairs,
  saysSomething,
  type Wording,
  Wordings,
} from './wording.ts'

/** A refusal as it is printed, with `<names>` for what is known only when it runs. */
export interface Message {
  readonly what: string
  readonly why: string
  readonly mend: string
  /** The file that refuses. */
  readonly file: string
}

const PARTS = ['what', 'why', 'mend'] as const

function partsOf(node: ObjectExpression): Record<string, ObjectExpression['properties'][number]> {
  return Object.fromEntries(
    node.properties.flatMap((property) =>
      property.type === 'Property' && property.key.type === 'Identifier' ? [[property.key.name, property]] : [],
    ),
  )
}

/** Every object of the sources that has the three parts of a problem. */
export function problemLiterals(sources: Sources): Placed<ObjectExpression>[] {
  return [...sources.files.values()].flatMap((file) =>
    file.nodes.flatMap((node) =>
      node.type === 'ObjectExpression' && PARTS.every((part) => part in partsOf(node)) ? [{ file, node }] : [],
    ),
  )
}

type Parts = Record<(typeof PARTS)[number], string>

/** All messages of the sources. */
export const allMessages = (sources: Sources): Message[] =>
  problemLiterals(sources).flatMap((literal) => messagesOf(sources, literal))

/** How the problem of a literal may read, for every call that leads to it. */
export function messagesOf(sources: Sources, { file, node }: Placed<ObjectExpression>): Message[] {
  const found = new Map<string, Message>()
  const parts = partsOf(node)
  const follow = (frames: Frames, calls: number) => {
    const wordings = new Wordings(sources)
    let read: { readonly parts: Partial<Parts>; readonly choices: Wording['choices'] }[] = [
      { parts: {}, choices: new Map() },
    ]
    for (const part of PARTS) {
      const property = parts[part]!
      const texts = property.type === 'Property' ? wordings.read(property.value, file, frames) : []
      read = pairs(read, texts, (before, { text }, choices) => ({
        parts: { ...before.parts, [part]: text.replaceAll(/ {2,}/g, ' ') },
        choices,
      }))
    }
    const [next] = calls < 4 ? callers(sources, wordings.open, frames) : []
    if (next) {
      for (const call of next.calls) follow(new Map([...frames, [next.of, call]]), calls + 1)
      return
    }
    for (const { parts } of read) {
      const message = { ...(parts as Parts), file: file.path }
      // The calls of another function of that name give parts that are none: a number, nothing.
      if (PARTS.some((part) => !/[\p{L}<]/u.test(message[part]))) continue
      // A server's own words may be the first part; then the second tells it apart.
      if (saysSomething(message.what) || saysSomething(message.why)) found.set(JSON.stringify(message), message)
    }
  }
  follow(new Map(), 0)
  return [...found.values()]
}

function callers(sources: Sources, open: ReadonlySet<Placed<Callable>>, frames: Frames) {
  return [...open].flatMap(({ file, node }) => {
    const name = frames.has(node) ? undefined : callableName(node)
    // A function that calls itself says nothing new there.
    const isInside = (call: Placed) => call.file === file && node.start <= call.node.start && call.node.end <= node.end
    const calls =
      name === undefined ? [] : sources.callsOf(name, file, declaredType(node)).filter((call) => !isInside(call))
    return calls.length > 0 ? [{ of: node, calls }] : []
  })
}
