import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { freePorts } from '../cluster/ports.ts'

/** The way of somebody who has a clone and nothing else: every command below is read from the documents of that clone. */
const ROOT = resolve(import.meta.dirname, '../..')
const desk = mkdtempSync(join(tmpdir(), 'agent-ci-newcomer-'))
const clone = join(desk, 'agent-ci')
const timings: string[] = []

/** Node as the system has it, which is the oldest that we promise to run on, and the one of these tests. */
const outside = (process.env.PATH ?? '').split(delimiter).filter((path) => !path.includes('node_modules'))
const systemNode = outside.map((path) => join(path, 'node')).find(existsSync)
const NODES = [systemNode, process.execPath].filter((node) => node !== undefined)

async function timed<T>(step: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await work()
  timings.push(`${((performance.now() - start) / 1_000).toFixed(1).padStart(6)} s  ${step}`)
  return result
}

/** A fenced block of a document of the clone, the first that has these words. */
function block(document: string, language: string, words: string): string {
  const blocks = [...readFileSync(join(clone, document), 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
  const found = blocks.find(([, its, body]) => its === language && body!.includes(words))
  if (!found) throw new Error(`${document} has no ${language} block with ${words}`)
  return found[2]!
}

beforeAll(async () => {
  if (systemNode === undefined) throw new Error('There is no node outside node_modules on the PATH')
  await timed('git clone', async () => execFileSync('git', ['clone', '--quiet', ROOT, clone]))
}, 60_000)
afterAll(() => {
  console.info(`From nothing to a verdict, by README.md and docs/tutorial.md:\n${timings.join('\n')}`)
  rmSync(desk, { recursive: true, force: true })
})

describe.each(NODES.map((node) => [execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(), node]))(
  'on Node %s, with nothing installed',
  (version, node) => {
    const bin = join(desk, version)
    let service: ChildProcess | undefined

    beforeAll(() => {
      mkdirSync(bin)
      symlinkSync(node, join(bin, 'node'))
      // What the tutorial says that `agent-ci` stands for.
      const [, command] = /`agent-ci` stands for\s+`node <the clone>(\/[^`]+)`/.exec(
        readFileSync(join(clone, 'docs/tutorial.md'), 'utf8'),
      )!
      writeFileSync(join(bin, 'agent-ci'), `#!/bin/sh\nexec node '${clone}${command}' "$@"\n`, { mode: 0o755 })
    })
    afterEach(() => void service?.kill())

    const env = { PATH: [bin, ...outside].join(delimiter), HOME: desk }

    async function shell(step: string, commands: string, cwd: string) {
      const child = spawn('sh', ['-ec', commands], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
      const [output, problems] = await timed(`${version}  ${step}`, () =>
        Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]),
      )
      return { status: child.exitCode, output: output + problems }
    }

    /** A project beside the clone that holds one file. */
    function project(name: string, file: string, content: string): string {
      const directory = join(desk, `${name}-${version}`)
      mkdirSync(directory)
      writeFileSync(join(directory, file), content)
      return directory
    }

    /** Starts what a document calls a service, and waits for its port. */
    async function serve(directory: string, port: number): Promise<void> {
      const code = block('docs/tutorial.md', 'js', '// server.mjs: node server.mjs').replace('8080', `${port}`)
      writeFileSync(join(directory, 'server.mjs'), code)
      service = spawn('node', ['server.mjs'], { cwd: directory, env, stdio: 'inherit' })
      for (const end = Date.now() + 10_000; Date.now() < end; await delay(20)) {
        const socket = connect(port, '127.0.0.1')
        const listens = await once(socket, 'connect').then(Boolean, () => false)
        socket.destroy()
        if (listens) return
      }
      throw new Error('the service does not listen')
    }

    test('the first command of the README shows a green and a red verdict', async () => {
      const { status, output } = await shell('README: the demo', block('README.md', 'sh', ' demo'), clone)
      expect(output).toMatch(/✓ passed[\s\S]*✗ failed/)
      expect(status).toBe(0)
    }, 60_000)

    test.each([
      ['Python', 'my_agent.py', '', 'evals/agent.py'],
      ['Node', 'package.json', '{ "private": true }\n', 'evals/agent.mjs'],
    ])(
      'the tutorial makes a first evaluation in a %s project',
      async (language, file, content, adapter) => {
        const directory = project(language, file, content)
        const commands = block('docs/tutorial.md', 'sh', 'agent-ci init')
        const { status, output } = await shell(`tutorial: init and eval in a ${language} project`, commands, directory)
        expect(existsSync(join(directory, adapter))).toBe(true)
        expect(output).toContain('3 of 3 measured examples passed')
        expect(output).toMatch(/inconclusive[\s\S]*at least 19[\s\S]*at least 59/)
        expect(status).toBe(0)
      },
      60_000,
    )

    test('the README brings a verdict on an agent of their own behind HTTP; with enough examples it is green or red', async () => {
      const [port] = await freePorts(1)
      const directory = project('http', 'README.md', '')
      await serve(directory, port!)
      const here = (commands: string) => commands.replaceAll(':8080', `:${port}`)
      const three = await shell(
        'README: init, and a verdict on an own HTTP agent',
        here(block('README.md', 'sh', 'eval --agent http://')),
        directory,
      )
      expect(three).toMatchObject({
        status: 0,
        output: expect.stringContaining(`Agent http http://127.0.0.1:${port}/answer`),
      })
      expect(three.output).toMatch(/\? inconclusive accuracy 1\.000/)

      writeFileSync(join(directory, 'agent-ci.yaml'), here(block('docs/tutorial.md', 'yaml', 'agent: http://')))
      const golden = (expected: (at: number) => string) =>
        writeFileSync(
          join(directory, 'evals/golden.jsonl'),
          Array.from(
            { length: 60 },
            (_, at) => `${JSON.stringify({ id: `${at}`, input: `Question ${at}`, expected: expected(at) })}\n`,
          ).join(''),
        )
      golden((at) => `Question ${at}`)
      const sixty = await shell('tutorial: sixty examples', 'agent-ci eval', directory)
      expect(sixty).toMatchObject({
        status: 0,
        output: expect.stringMatching(/✓ passed accuracy 1\.000 meets >= 0\.85/),
      })
      golden(() => 'Something else')
      const wrong = await shell('tutorial: sixty that it does not know', 'agent-ci eval', directory)
      expect(wrong).toMatchObject({ status: 1, output: expect.stringContaining('✗ failed') })
    }, 60_000)
  },
)
