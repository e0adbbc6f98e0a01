import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type CallExpression, type Node, parseSync, visitorKeys } from 'oxc-parser'

const ROOT = join(import.meta.dirname, '../..')

/** A file of the sources, read. */
export interface SourceFile {
  /** From the repository's root. */
  readonly path: string
  readonly text: string
  readonly nodes: readonly Node[]
  /** The file of the repository and the name there, by the local name. */
  readonly imports: ReadonlyMap<string, { readonly file: string; readonly name: string }>
}

/** A node and the file it stands in. */
export interface Placed<T extends Node = Node> {
  readonly file: SourceFile
  readonly node: T
}

export const childrenOf = (node: Node): Node[] =>
  (visitorKeys[node.type] ?? []).flatMap((key) => {
    const value = (node as unknown as Record<string, Node | null | (Node | null)[]>)[key]
    return [value].flat().filter((child) => child !== null && child !== undefined)
  })

function* walk(node: Node, parent: Node | undefined): Generator<Node> {
  if (parent) node.parent = parent as never
  yield node
  for (const child of childrenOf(node)) yield* walk(child, node)
}

/** `./x.ts` and `@agent-ci/core/x` as a file of the repository; undefined where it is a library's. */
function fileOf(specifier: string, from: string): string | undefined {
  const [, scope, rest] = /^@agent-ci\/([^/]+)\/(.+)$/.exec(specifier) ?? []
  const path = specifier.startsWith('.')
    ? join(dirname(from), specifier)
    : scope === undefined
      ? undefined
      : `${scope.startsWith('action-') ? `actions/${scope.slice('action-'.length)}` : `packages/${scope}`}/src/${rest}.ts`
  return path !== undefined && existsSync(join(ROOT, path)) ? path : undefined
}

function read(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const { program, module, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`)
  const imports = module.staticImports.flatMap(({ moduleRequest, entries }) => {
    const file = fileOf(moduleRequest.value, path)
    return file === undefined
      ? []
      : entries.map(
          ({ localName, importName }) => [localName.value, { file, name: importName.name ?? 'default' }] as const,
        )
  })
  return { path, text, nodes: [...walk(program, undefined)], imports: new Map(imports) }
}

/** All sources of packages and actions, and who calls what in them. */
export class Sources {
  readonly files: ReadonlyMap<string, SourceFile>
  private readonly calls = new Map<string, Placed<CallExpression>[]>()

  constructor() {
    const paths = globSync('{packages,actions}/*/src/**/*.ts', { cwd: ROOT }).sort()
    this.files = new Map(paths.map((path) => [path, read(path)]))
    for (const file of this.files.values())
      for (const node of file.nodes) {
        if (node.type !== 'CallExpression') continue
        const name = calledName(node)
        if (name !== undefined) this.calls.set(name, [...(this.calls.get(name) ?? []), { file, node }])
      }
  }

  /** The calls of a function or method that a file declares: there, where it is imported, and where one of its type is given by this name. */
  callsOf(name: string, { path }: SourceFile, type: string | undefined): readonly Placed<CallExpression>[] {
    return (this.calls.get(name) ?? []).filter(
      ({ file }) =>
        file.path === path ||
        file.imports.get(name)?.file === path ||
        (type !== undefined && file.imports.get(type) !== undefined),
    )
  }
}

/** `refuse` of `refuse(…)` and of `this.window.refuse(…)`. */
export function calledName({ callee }: CallExpression): string | undefined {
  if (callee.type === 'Identifier') return callee.name
  return callee.type === 'MemberExpression' && callee.property.type === 'Identifier' ? callee.property.name : undefined
}

/** The class that a node stands in. */
export function classOf(node: Node): string | undefined {
  for (let at: Node | null | undefined = node; at; at = at.parent)
    if (at.type === 'ClassDeclaration') return at.id?.name
  return undefined
}
