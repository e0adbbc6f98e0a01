import { basename } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import {
  actionFiles,
  actions,
  callable,
  examples,
  header,
  jobsOf,
  ownName,
  type Source,
  snippets,
  workflows,
} from './files.ts'

const headers = workflows.flatMap((source) => {
  const text = header(source)
  return text ? [{ path: `${source.path} (header)`, text }] : []
})
const everything: readonly Source[] = [...workflows, ...headers, ...examples, ...snippets]
const each = (sources: readonly Source[]) => sources.map((source) => [source.path, source] as const)

describe.each(each(everything))('%s', (_, source) => {
  const jobs = jobsOf(source)
  const steps = jobs.flatMap((job) => job.steps ?? [])

  test('gives our actions only inputs that they have', () => {
    const unknown = steps.flatMap(({ uses = '', with: given = {} }) => {
      const name = ownName(uses)
      if (name === undefined) return []
      const action = actions.get(name)
      if (!action) return [`there is no action ${name}`]
      return Object.keys(given).flatMap((key) => (action.inputs?.[key] ? [] : [`${name} has no input ${key}`]))
    })
    expect(unknown).toEqual([])
  })

  test('calls our workflows with what they declare', () => {
    const wrong = jobs.flatMap(({ uses = '', with: inputs = {}, secrets = {} }) => {
      const name = ownName(uses)
      if (name === undefined) return []
      const call = callable.get(basename(name))?.call
      if (!call) return [`there is no workflow ${name}`]
      const required = Object.entries(call.inputs ?? {}).flatMap(([key, input]) => (input.required ? [key] : []))
      return [
        ...Object.keys(inputs).flatMap((key) => (call.inputs?.[key] ? [] : [`${name} has no input ${key}`])),
        ...Object.keys(secrets).flatMap((key) => (call.secrets?.[key] ? [] : [`${name} has no secret ${key}`])),
        ...required.flatMap((key) => (key in inputs ? [] : [`${name} needs the input ${key}`])),
      ]
    })
    expect(wrong).toEqual([])
  })

  test('reads only outputs that our actions have', () => {
    const names = new Map(steps.flatMap(({ id, uses = '' }) => (id ? [[id, ownName(uses)]] : [])))
    const unknown = [...source.text.matchAll(/\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g)].flatMap(([text, id, output]) => {
      const name = names.get(id!)
      return name === undefined || output! in (actions.get(name)?.outputs ?? {}) ? [] : [text]
    })
    expect(unknown).toEqual([])
  })

  test('lets no expression into a shell', () => {
    expect(steps.flatMap(({ run }) => (run?.includes('${{') ? [run] : []))).toEqual([])
  })

  test('names third-party actions by their commit, with the version beside it', () => {
    const loose = source.text
      .split('\n')
      .filter((line) => /^\s*(?:- )?uses: /.test(line) && !ownName(line.split('uses: ')[1]!.trim()))
      .filter((line) => !/ uses: [\w-]+(?:\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(` ${line.trim()}`))
    expect(loose).toEqual([])
  })
})

test('an action has the same commit everywhere', () => {
  const pins = new Map<string, Set<string>>()
  for (const { text } of [...everything, ...actionFiles])
    for (const [, name, pin] of text.matchAll(/uses: ([\w-]+\/[\w-]+)@([0-9a-f]{40} # \S+)/g))
      pins.set(name!, (pins.get(name!) ?? new Set()).add(pin!))
  expect([...pins].filter(([, found]) => found.size > 1)).toEqual([])
  expect(pins.size).toBeGreaterThan(3)
})

test('each action and each workflow has an example', () => {
  const used = new Set(
    examples.flatMap((source) =>
      jobsOf(source).flatMap(({ uses = '', steps = [] }) =>
        [uses, ...steps.map((step) => step.uses ?? '')].flatMap((each) => ownName(each) ?? []),
      ),
    ),
  )
  const all = [...actions.keys(), ...[...callable.keys()].map((name) => `.github/workflows/${name}`)]
  expect(all.filter((name) => !used.has(name))).toEqual([])
})

test('the outputs of a workflow are those of its jobs', () => {
  const missing = [...callable].flatMap(([name, { call, jobs }]) =>
    Object.values(call.outputs ?? {}).flatMap(({ value }) =>
      [...value.matchAll(/jobs\.([\w-]+)\.outputs\.([\w-]+)/g)].flatMap(([text, id, output]) => {
        const job = jobs[id!] as { readonly uses?: string; readonly outputs?: object } | undefined
        const outputs = job?.uses ? callable.get(basename(ownName(job.uses)!))?.call.outputs : job?.outputs
        return outputs && output! in outputs ? [] : [`${name}: ${text}`]
      }),
    ),
  )
  expect(missing).toEqual([])
})

describe('what act cannot show', () => {
  const called = [...callable].flatMap(([name, { jobs }]) =>
    Object.entries(jobs).map(([id, job]) => ({ name, id, job })),
  )

  test('every job has a time limit, and the stages of the pipeline those of the guide', () => {
    const unlimited = called.flatMap(({ name, id, job }) =>
      job.uses || job['timeout-minutes'] ? [] : [`${name}: ${id}`],
    )
    expect(unlimited).toEqual([])
    const { jobs } = callable.get('agent-pipeline.yml')!
    expect(
      Object.entries(jobs).map(([id, job]) => [id, job['timeout-minutes'] ?? job.with?.['timeout-minutes']]),
    ).toEqual([
      ['fast-checks', 2],
      ['unit-tests', 5],
      ['integration-tests', 10],
      ['evaluation', 15],
      ['staging', undefined],
      ['production', undefined],
    ])
  })
})
