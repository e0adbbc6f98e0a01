import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { evaluate } from '@agent-ci/action-eval-gate/main'
import { readSettings } from '@agent-ci/action-eval-gate/settings'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { type Command, done } from '../command.ts'

const EXAMPLE = 'examples/support-agent'
const ARMS = [
  { name: 'good', prompt: 'prompts/support.md', title: 'The prompt as it is: the gates should pass' },
  {
    name: 'worse',
    prompt: 'prompts/support-worse.md',
    title: 'A shorter, friendlier rewrite of the prompt: would you have merged it?',
  },
] as const

/** The example lies beside `dist/`, from which this program was started. */
function exampleDirectory(): string {
  const directory = resolve(dirname(realpathSync(process.argv[1]!)), '../..', EXAMPLE)
  if (existsSync(join(directory, 'agent-ci.yaml'))) return directory
  throw new ConfigurationError({
    what: `There is no ${EXAMPLE}`,
    why: 'The demo runs the example of the repository',
    mend: 'Run it from a clone: node dist/cli/index.js demo',
  })
}

async function runArm(arm: (typeof ARMS)[number], directory: string, host: Host): Promise<Outcome> {
  const input = (name: string) => (name === 'config' ? 'agent-ci.yaml' : name === 'resume' ? 'never' : '')
  const settings = await readSettings(input, directory, host.env)
  if (settings.agent.type !== 'command') throw new Error('the example agent is a command')
  const outputDir = join(directory, 'agent-ci-results', arm.name)
  host.info(`\n── ${arm.title} (${arm.prompt}) ──\n`)
  const env = { ...settings.agent.env, AGENT_PROMPT: arm.prompt }
  const outcome = await evaluate(
    { ...settings, agent: { ...settings.agent, env }, outputDir },
    { ...host, cwd: directory },
  )
  host.info(`\nReport: ${relative(host.cwd, join(outputDir, 'report.html'))}`)
  return outcome
}

/** `agent-ci demo`: one green and one red verdict on a small agent, without a key, an account or the network. */
export const demoCommand: Command = {
  options: {},
  flags: {},
  run: async (host) => {
    const directory = exampleDirectory()
    const outcomes = []
    for (const arm of ARMS) outcomes.push(await runArm(arm, directory, host))
    const [good, worse] = outcomes
    if (good?.verdict !== 'passed' || worse?.verdict !== 'failed') {
      return {
        verdict: 'errored',
        exitStatus: 1,
        headline: `The demo should have passed and then failed; it was ${good?.verdict}, then ${worse?.verdict}`,
      }
    }
    return done('\nThat was the gate of a pull request, twice: green, then red. Start your own with: agent-ci init')
  },
}
