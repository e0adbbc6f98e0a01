// Records the model answers that `agent-ci demo` replays: both prompts of examples/support-agent against its scripted model.
// node tools/record-demo.mjs, after a build
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'

const EXAMPLE = 'examples/support-agent'
const CLI = 'dist/cli/index.js'

const run = (args, env) =>
  new Promise((done, fail) => {
    const child = spawn(process.execPath, [CLI, ...args], { stdio: 'inherit', env: { ...process.env, ...env } })
    child.on('error', fail)
    child.on('exit', done)
  })

rmSync(`${EXAMPLE}/cassettes`, { recursive: true, force: true })
const model = spawn(process.execPath, [`${EXAMPLE}/model.mjs`], { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  const url = await new Promise((ready) =>
    model.stdout.on('data', (text) => ready(/ANTHROPIC_BASE_URL=(\S+)/.exec(String(text))[1])),
  )
  for (const prompt of ['prompts/support.md', 'prompts/support-worse.md']) {
    await run(
      ['eval', '--config', `${EXAMPLE}/agent-ci.yaml`, '--responses', 'record', '--resume', 'never', '--stop', 'never'],
      { ANTHROPIC_BASE_URL: url, AGENT_PROMPT: prompt },
    )
  }
} finally {
  model.kill()
}
await run(['cassettes', 'pack', `${EXAMPLE}/cassettes`], {})
await run(['cassettes', 'verify', `${EXAMPLE}/cassettes`], {})
