import { messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { markRepeats } from './replica-counts.ts'
import type { AchievableWeight, Cancellable, Labels, Preflight, RouteState, TrafficRouter } from './router.ts'
import { type Command, type CommandSite, runCommand } from './run-command.ts'

/**
 * A team's own scripts. In a list of arguments `{weight}` and the names of `values` in braces stand for what they are; in one text for `sh -c`
 * they are quoted for the shell.
 */
export interface CommandSettings {
  /** `["./deploy.sh", "production", "--canary", "{weight}"]` */
  readonly canary: Command
  /** All traffic, and the release for good: `["./deploy.sh", "production", "--promote"]`. */
  readonly promote: Command
  /** `["./deploy.sh", "production", "--rollback"]` */
  readonly rollback: Command
  /** Prints the canary's weight in percent; without it nobody can say. */
  readonly read?: Command
  /** `{image}`, `{version}` ... */
  readonly values: Readonly<Record<string, string>>
  /** The environment that commands may be given from: `PATH`, `HOME` and what `pass` names. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly pass: readonly string[]
  readonly cwd: string
  readonly timeoutMs: number
  readonly tell: (line: string) => void
}

/** Any platform, by commands: one for each weight, one to promote, one to take back. */
export class CommandRouter implements TrafficRouter {
  readonly moves = 'release'
  readonly permissions = []
  private readonly settings: CommandSettings

  constructor(settings: CommandSettings) {
    this.settings = settings
  }

  describe(): string {
    const { canary } = this.settings
    return `command ${forLog(typeof canary === 'string' ? canary : canary.join(' '), 200)}`
  }

  through(): CommandRouter {
    return this
  }

  async canaryLabels(podLabels: Labels): Promise<Labels> {
    return podLabels
  }

  async preflight(): Promise<Preflight> {
    const { canary, pass, env } = this.settings
    const text = typeof canary === 'string' ? canary : canary.join(' ')
    const missing = pass.filter((name) => env[name] === undefined)
    return {
      problems: [
        ...(text.includes('{weight}')
          ? []
          : [
              {
                what: `The canary command does not say {weight}: ${forLog(text, 200)}`,
                why: 'It would not know the share that the canary shall get',
                mend: 'Write {weight} where the percentage goes: ./deploy.sh production --canary {weight}',
              },
            ]),
        ...missing.map((name) => ({
          what: `The commands are to get ${forLog(name, 100)} from the environment, and it is not set`,
          why: 'They would run without it',
          mend: 'Set it with env: in the step, or take it from the list',
        })),
      ],
      warnings: this.settings.read
        ? []
        : ['No command tells the present weight: what others change meanwhile cannot be seen'],
    }
  }

  async achievable(weights: readonly number[]): Promise<readonly AchievableWeight[]> {
    return markRepeats(weights.map((asked) => ({ asked, real: asked, how: '' })))
  }

  async prepare(): Promise<void> {}

  async read(): Promise<number | undefined> {
    const { read } = this.settings
    if (read === undefined) return undefined
    const text = (await this.run(read, '', AbortSignal.timeout(this.settings.timeoutMs))).trim()
    const weight = Number(text.replace(/\s*%$/, ''))
    if (text === '' || !(weight >= 0 && weight <= 100))
      throw new Error(
        `the command that tells the weight printed ${JSON.stringify(forLog(text, 100))}, not a percentage`,
      )
    return weight
  }

  async set(weight: number, { signal }: Cancellable): Promise<void> {
    const { canary, promote, rollback } = this.settings
    await this.run(weight === 100 ? promote : weight === 0 ? rollback : canary, String(weight), signal)
  }

  async verify(weight: number): Promise<RouteState> {
    try {
      const found = await this.read()
      if (found === undefined || Math.abs(found - weight) < 0.5) return { state: 'accepted' }
      return { state: 'lost', why: `the canary has ${found} %, not ${weight} %` }
    } catch (error) {
      return { state: 'waiting', why: messageOf(error) }
    }
  }

  /** The scripts clean up after themselves. */
  async restore(): Promise<void> {}

  private run(command: Command, weight: string, signal: AbortSignal): Promise<string> {
    const { cwd, timeoutMs, tell, env, pass } = this.settings
    const given = ['PATH', 'HOME', ...pass].flatMap((name): [string, string][] => {
      const value = env[name]
      return value === undefined ? [] : [[name, value]]
    })
    const site: CommandSite = { cwd, timeoutMs, tell, env: Object.fromEntries(given) }
    const filled = this.fill(command, weight)
    return runCommand(typeof command === 'string' ? filled[0]! : filled, site, signal)
  }

  private fill(command: Command, weight: string): string[] {
    const values = new Map([...Object.entries(this.settings.values), ['weight', weight] as const])
    const put = (text: string, how: (value: string) => string) =>
      text.replaceAll(/\{([a-z][a-z0-9-]*)\}/g, (whole, name: string) => {
        const value = values.get(name)
        return value === undefined ? whole : how(value)
      })
    return typeof command === 'string'
      ? [put(command, quoteForShell)]
      : command.map((argument) => put(argument, (value) => value))
  }
}

/** Harmless text stays as it is, so that what is shown can be read. */
const quoteForShell = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
