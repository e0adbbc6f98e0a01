import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandRouter, type CommandSettings } from '@agent-ci/delivery/traffic/command'
import { afterEach, beforeEach, expect, test } from '@jest/globals'

let directory: string
let lines: string[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agent-ci-command-'))
  lines = []
  // The guide's script, which notes what it was called with.
  writeFileSync(
    join(directory, 'deploy.sh'),
    '#!/bin/sh\nprintf "%s|" "$@" >> calls; echo >> calls; echo "deploying $*"\n',
    {
      mode: 0o755,
    },
  )
})
afterEach(() => rmSync(directory, { recursive: true }))

const calls = () => readFileSync(join(directory, 'calls'), 'utf8').trim().split('\n')
const signal = new AbortController().signal
const routerOf = (more: Partial<CommandSettings> = {}) =>
  new CommandRouter({
    canary: ['./deploy.sh', 'production', '--canary', '{weight}', '--image', '{image}'],
    promote: ['./deploy.sh', 'production', '--promote'],
    rollback: ['./deploy.sh', 'production', '--rollback'],
    values: { image: 'agent:2; touch injected' },
    env: { PATH: process.env.PATH, HOME: directory, TOKEN: 's3cret', OTHER: 'unseen' },
    pass: [],
    cwd: directory,
    timeoutMs: 10_000,
    tell: (line) => lines.push(line),
    ...more,
  })

test("the guide's script gets the weight, then promotes or takes back; no word of it goes through a shell", async () => {
  const router = routerOf()
  await router.set(10, { signal })
  await router.set(100, { signal })
  await router.set(0, { signal })
  expect(calls()).toEqual([
    'production|--canary|10|--image|agent:2; touch injected|',
    'production|--promote|',
    'production|--rollback|',
  ])
  expect(lines).toContain('deploying production --promote')
  expect(await router.read()).toBeUndefined()
  expect(await router.verify(10)).toEqual({ state: 'accepted' })
})

test('one text is for sh -c, and values in it are quoted', async () => {
  const canary = "./deploy.sh 'two words' --canary {weight} {image} && ./deploy.sh second"
  await routerOf({ canary, values: { image: "it's; touch injected" } }).set(25, { signal })
  expect(calls()).toEqual(["two words|--canary|25|it's; touch injected|", 'second|'])
})

test('the environment is PATH, HOME and what was named', async () => {
  const canary = 'env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | cut -d= -f1 | sort > names # {weight}'
  await routerOf({ canary, pass: ['TOKEN'] }).set(10, { signal })
  expect(readFileSync(join(directory, 'names'), 'utf8')).toBe('HOME\nPATH\nTOKEN\n')
})

test('what it prints cannot give the runner commands', async () => {
  await routerOf({ canary: 'echo "::set-output name=x::y"; echo "::error::no" >&2 # {weight}' }).set(10, { signal })
  expect(lines.filter((line) => line.startsWith('::'))).toEqual([])
  expect(lines).toHaveLength(2)
})

test.each<[string, CommandSettings['canary'], string]>([
  ['another status than 0', 'exit 3 # {weight}', 'exit 3 # 10 ended with status 3'],
  ['a signal', 'kill -9 $$ # {weight}', 'ended with SIGKILL'],
  ['a program that is not there', ['./nothing', '{weight}'], './nothing 10 could not be started'],
])('%s is an error', async (_, canary, message) => {
  await expect(routerOf({ canary }).set(10, { signal })).rejects.toThrow(message)
})

test('one that takes too long is ended with all that it started', async () => {
  const router = routerOf({ canary: 'sleep 60 & echo $! > child; wait # {weight}', timeoutMs: 500 })
  await expect(router.set(10, { signal })).rejects.toThrow('took longer than 1 s')
  const child = Number(readFileSync(join(directory, 'child'), 'utf8'))
  expect(isRunning(child)).toBe(false)
})

test('cancelled, it is asked to end', async () => {
  const cancelled = new AbortController()
  const canary = 'trap "echo cleaned > cleaned; exit 1" TERM; echo up; while :; do sleep 0.05; done # {weight}'
  const router = routerOf({ canary, tell: () => cancelled.abort() })
  await expect(router.set(10, { signal: cancelled.signal })).rejects.toThrow('was cancelled')
  expect(readFileSync(join(directory, 'cleaned'), 'utf8')).toBe('cleaned\n')
})

test('what it leaves running does not keep us waiting', async () => {
  await routerOf({ canary: 'sleep 60 & echo started # {weight}' }).set(10, { signal })
  expect(lines).toEqual(['started'])
})

test('a command that tells the weight makes drift visible', async () => {
  const router = routerOf({ read: ['cat', 'weight'] })
  writeFileSync(join(directory, 'weight'), '25 %\n')
  expect(await router.read()).toBe(25)
  expect(await router.verify(25)).toEqual({ state: 'accepted' })
  expect(await router.verify(50)).toEqual({ state: 'lost', why: 'the canary has 25 %, not 50 %' })
  writeFileSync(join(directory, 'weight'), 'a lot\n')
  expect(await router.verify(50)).toEqual({
    state: 'waiting',
    why: 'the command that tells the weight printed "a lot", not a percentage',
  })
})

test('preflight: a command without the weight, and an environment that is not there', async () => {
  const { problems } = await routerOf({ canary: ['./deploy.sh', '--canary', '10'], pass: ['MISSING'] }).preflight()
  expect(problems.map(({ what }) => what)).toEqual([
    'The canary command does not say {weight}: ./deploy.sh --canary 10',
    'The commands are to get MISSING from the environment, and it is not set',
  ])
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // Ended, and not yet waited for.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z'
  } catch {
    return false
  }
}
