import { type Context, createContext, Script } from 'node:vm'

/** Ten thousand times what an ordinary search needs. */
const TIMEOUT_MS = 250

export class RegExpTimeout extends Error {
  constructor(pattern: string) {
    super(
      `The pattern ${pattern} searched for more than ${TIMEOUT_MS} ms; nested repetitions such as (a+)+ do that to some texts.`,
    )
    this.name = 'RegExpTimeout'
  }
}

const script = new Script('pattern.test(text)')
let context: Context | undefined

/**
 * A regular expression whose search is given up after 250 ms with a `RegExpTimeout`. Patterns come from users and texts from models, and a
 * search that backtracks without end would hold up the whole run. JavaScript has no limit of its own for it, but the interrupt that ends a
 * script in `node:vm` is also checked while V8 backtracks (0.2 to 0.5 ms a search, for the watching thread). A wrong pattern throws a SyntaxError.
 */
export function boundedRegExp(source: string, flags: string): { test(text: string): boolean; toString(): string } {
  const pattern = new RegExp(source, flags)
  return {
    test(text) {
      context ??= createContext({})
      try {
        return script.runInContext(Object.assign(context, { pattern, text }), { timeout: TIMEOUT_MS }) as boolean
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
          throw new RegExpTimeout(`${pattern}`)
        throw error
      }
    },
    toString: () => `${pattern}`,
  }
}
