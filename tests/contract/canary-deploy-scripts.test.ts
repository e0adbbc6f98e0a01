import { chmodSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { runStep, startStep, until, Workspace } from './step.ts'

// The guide's deploy.sh: a platform without Kubernetes. Every call is a line of calls.txt.
const SCRIPT = `#!/bin/sh
echo "$@" >> calls.txt
[ "$2 $3" = "--canary \${FAIL_AT:-none}" ] && exit 3
exit 0
`

let workspace: Workspace
beforeEach(() => {
  workspace = new Workspace()
  chmodSync(workspace.write('deploy.sh', SCRIPT), 0o755)
})
afterEach(() => workspace.remove())

const INPUTS = {
  traffic: 'command',
  'canary-command': './deploy.sh production --canary {weight}',
  'promote-command': './deploy.sh production --promote',
  'rollback-command': './deploy.sh production --rollback',
  'pass-env': 'FAIL_AT',
  metrics: 'none',
  steps: '10,50,100',
  'step-duration': '200ms',
  version: '1.4.2',
}

const env = { FAIL_AT: '' }
const history = () => workspace.json<{ version: string }[]>('deployments/production/history.json')

test('scripts are given each weight, and the promoted release is in the guide’s history', async () => {
  const { status, outputs } = await runStep('canary-deploy', workspace, INPUTS, env)
  expect(status).toBe(0)
  expect(outputs).toMatchObject({ verdict: 'passed', outcome: 'promoted', weight: '100' })
  expect(workspace.lines('calls.txt')).toEqual([
    'production --canary 10',
    'production --canary 50',
    'production --promote',
  ])
  expect(history()).toMatchObject([{ version: '1.4.2' }])
  expect(workspace.json('agent-ci-results/timeline.json')).toMatchObject({ outcome: 'promoted', steps_planned: 3 })
})

test('a script that fails is followed by the one that takes back, and the release is not in the history', async () => {
  await runStep('canary-deploy', workspace, INPUTS, env)
  const bad = await runStep('canary-deploy', workspace, { ...INPUTS, version: '1.4.3' }, { FAIL_AT: '50' })
  expect(bad.status).toBe(1)
  expect(bad.outputs).toMatchObject({ verdict: 'failed', outcome: 'rolled-back' })
  expect(bad.outputs.reason).toContain('3')
  expect(workspace.lines('calls.txt').at(-1)).toBe('production --rollback')
  expect(history()).toMatchObject([{ version: '1.4.2' }])
})

test('a cancelled job takes the traffic back before it ends, and a later run finds what it left', async () => {
  const { process, ended } = startStep('canary-deploy', workspace, { ...INPUTS, 'step-duration': '60s' }, env)
  const called = () => {
    try {
      return workspace.lines('calls.txt')
    } catch {
      return []
    }
  }
  await until(() => called().includes('production --canary 10'))
  process.kill('SIGINT')
  const { status, log } = await ended
  expect(status).toBe(1)
  expect(log).toContain('The job was cancelled')
  expect(called()).toEqual(['production --canary 10', 'production --rollback'])

  const swept = await runStep('canary-deploy', workspace, { ...INPUTS, operation: 'sweep' }, env)
  expect(swept).toMatchObject({ status: 0, outputs: { outcome: 'rolled-back' } })
  const again = await runStep('canary-deploy', workspace, { ...INPUTS, operation: 'sweep' }, env)
  expect(again.outputs.reason).toBe('no rollout was left unfinished')
})

test('without a way back nothing is started', async () => {
  const { status, annotations } = await runStep('canary-deploy', workspace, { ...INPUTS, 'rollback-command': '' }, env)
  expect(status).toBe(1)
  expect(annotations.map(({ message }) => message).join()).toContain('There is no rollback-command')
  expect(() => workspace.lines('calls.txt')).toThrow('ENOENT')
})
