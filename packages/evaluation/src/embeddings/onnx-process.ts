import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import * as z from 'zod'
import { onAbort } from '../agents/abort.ts'
import { childEnvironment } from '../child-environment.ts'
import { EmbeddingsError, type Vector } from './model.ts'
import { onnxWorker } from './onnx-worker.ts'

/** A sentence encoder in a process of its own. */
export interface OnnxProcess {
  /** @throws EmbeddingsError */
  embed(tokens: readonly (readonly number[])[], signal: AbortSignal): Promise<readonly Vector[]>
  close(): void
}

/** What runs ONNX, as users install it; Transformers.js brings one along. */
const RUNTIMES = ['onnxruntime-web', 'onnxruntime-node']
const INSTALL = 'npm install --no-save onnxruntime-web@1.30.0'

const answerSchema = z.object({
  id: z.number(),
  vectors: z.array(z.string()).optional(),
  failed: z.string().optional(),
})
const readySchema = z.object({ ready: z.boolean().optional(), failed: z.string().optional() })

/**
 * The ONNX Runtime that a program in a directory would import.
 * @throws ConfigurationError with the command that installs one
 */
export function findRuntime(cwd: string): string {
  const here = createRequire(join(cwd, 'package.json'))
  const resolve = (from: NodeJS.Require, name: string): string | undefined => {
    try {
      return from.resolve(name)
    } catch {
      return undefined
    }
  }
  const transformers = resolve(here, '@huggingface/transformers')
  for (const from of [here, ...(transformers === undefined ? [] : [createRequire(transformers)])]) {
    for (const name of RUNTIMES) {
      const found = resolve(from, name)
      if (found !== undefined) return found
    }
  }
  throw new ConfigurationError({
    what: 'There is nothing here to run an embedding model with',
    why: `Neither ${RUNTIMES.join(' nor ')} nor @huggingface/transformers is in a node_modules of ${cwd} or above it`,
    mend: `Run \`${INSTALL}\` in a step before this one, or write the url of an embeddings endpoint`,
  })
}

/** Nothing of the step's own: the runtime is code of the user's workspace. */
function ownEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot']
  return childEnvironment(Object.fromEntries(names.map((name) => [name, env[name]])), {})
}

/**
 * Starts the process and loads the model.
 * @throws ConfigurationError when the model can't be loaded
 */
export async function startOnnx(
  runtime: string,
  model: string,
  env: Readonly<Record<string, string | undefined>>,
  timeoutMs: number,
): Promise<OnnxProcess> {
  // As text, because a program in a file of its own would not be in the bundle.
  const child = spawn(process.execPath, ['--input-type=module', '--eval', `await (${onnxWorker})()`, runtime, model], {
    env: ownEnvironment(env),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let complaint = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-2_000)
  })
  let ended: EmbeddingsError | undefined
  const waiting = new Map<number, { resolve: (vectors: Vector[]) => void; reject: (error: Error) => void }>()
  const end = (why: string) => {
    ended ??= new EmbeddingsError(`The process of the embedding model ${why}`)
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  child.on('error', (error) => end(`failed: ${error.message}`))
  // Not on exit: what it complained of is whole only now.
  child.on('close', (code, signal) => end(`ended with ${signal ?? code}: ${complaint.trim() || 'it said nothing'}`))

  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`it took more than ${timeoutMs} ms`)), timeoutMs)
      const settle = (error?: Error) => {
        clearTimeout(timer)
        if (error) reject(error)
        else resolve()
      }
      child.once('message', (message) => {
        const { ready, failed } = readySchema.safeParse(message).data ?? {}
        settle(ready ? undefined : new Error(failed ?? 'it gave no reason'))
      })
      child.once('close', () => settle(ended))
      child.once('error', settle)
    })
  } catch (error) {
    child.kill('SIGKILL')
    throw new ConfigurationError({
      what: `The embedding model ${model} cannot be loaded`,
      why: `${runtime} says: ${messageOf(error)}`,
      mend: `Fetch the model again; this was tested with \`${INSTALL}\``,
    })
  }

  child.on('message', (message) => {
    const answer = answerSchema.safeParse(message)
    const asked = answer.success ? waiting.get(answer.data.id) : undefined
    if (!answer.success || !asked) return
    waiting.delete(answer.data.id)
    const { vectors, failed } = answer.data
    if (vectors) asked.resolve(vectors.map(decode))
    else asked.reject(new EmbeddingsError(`The embedding model failed: ${failed ?? 'it gave no reason'}`))
  })
  let calls = 0
  return {
    async embed(tokens, signal) {
      if (ended) throw ended
      const id = calls++
      let leave = () => {}
      const timer = setTimeout(() => {
        end(`gave no answer in ${timeoutMs} ms`)
        child.kill('SIGKILL')
      }, timeoutMs)
      try {
        return await new Promise<Vector[]>((resolve, reject) => {
          waiting.set(id, { resolve, reject })
          leave = onAbort(signal, () => reject(signal.reason))
          child.send({ id, tokens })
        })
      } finally {
        clearTimeout(timer)
        waiting.delete(id)
        leave()
      }
    },
    close: () => {
      child.removeAllListeners('close')
      child.kill('SIGKILL')
    },
  }
}

const decode = (base64: string): Vector => new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer)
