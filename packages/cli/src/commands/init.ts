import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { parseChoice } from '@agent-ci/core/quantities'
import { type Command, done } from '../command.ts'
import { type Language, starterFiles } from '../starter.ts'

const LANGUAGES = ['python', 'node'] as const
const PYTHON_MARKS = ['pyproject.toml', 'requirements.txt', 'setup.py', 'setup.cfg', 'Pipfile', 'uv.lock']

function languageOf(host: Host): Language {
  const given = host.input('language')
  if (given !== '') return parseChoice(given, { name: 'language' }, LANGUAGES)
  const files = readdirSync(host.cwd)
  if (PYTHON_MARKS.some((mark) => files.includes(mark))) return 'python'
  return files.some((file) => file.endsWith('.py')) && !files.includes('package.json') ? 'python' : 'node'
}

/** `agent-ci init`: a configuration, an adapter for the agent, a dataset of three and a workflow. Overwrites nothing. */
export const initCommand: Command = {
  options: { language: 'What the agent is written in, `python` or `node` (default: what the project looks like)' },
  flags: {},
  run: async (host) => {
    const files = starterFiles(languageOf(host))
    const existing = Object.keys(files).filter((path) => existsSync(join(host.cwd, path)))
    if (existing.length > 0) {
      throw new ConfigurationError(
        existing.map((path) => ({
          what: `${path} is there already`,
          why: 'init overwrites nothing',
          mend: 'Move it away, or go on with what you have',
        })),
      )
    }
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(host.cwd, dirname(path)), { recursive: true })
      writeFileSync(join(host.cwd, path), text, { flag: 'wx' })
      host.info(`wrote ${path}`)
    }
    return done(
      'Next: agent-ci eval, then let the adapter in evals/ call your agent and put real questions into evals/golden.jsonl',
    )
  },
}
