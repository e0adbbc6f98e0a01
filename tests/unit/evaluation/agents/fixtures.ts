import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentRequest } from '@agent-ci/core/agent'
import { type AgentConfig, type AgentConfigOf, agentConfigSchema } from '@agent-ci/core/config/agents'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Json } from '@agent-ci/core/json'
import type { AgentDeps } from '@agent-ci/evaluation/agents/deps'

export function requestFor(
  input: Json,
  changes: { id?: string } & Partial<Omit<AgentRequest, 'example'>> = {},
): AgentRequest {
  const { id = 'capital', ...rest } = changes
  return {
    example: { id, input, tags: [], critical: false, source: { file: 'golden.json', line: 1 } },
    repeat: 0,
    signal: new AbortController().signal,
    ...rest,
  }
}

export const depsWith = (changes: Partial<AgentDeps> = {}): AgentDeps => ({
  cwd: tmpdir(),
  env: process.env,
  concurrency: 2,
  now: () => performance.now(),
  ...changes,
})

/** A configuration with its defaults, as the schema gives it. */
export function configOf<T extends AgentConfig['type']>(
  type: T,
  rest: Omit<(typeof agentConfigSchema)['_zod']['input'] & { type: T }, 'type'>,
): AgentConfigOf<T> {
  return agentConfigSchema.parse({ type, ...rest }) as AgentConfigOf<T>
}

/** The message of the ConfigurationError that a function throws. */
export async function refusalOf(make: () => unknown): Promise<string> {
  try {
    await make()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  throw new Error('Nothing was refused')
}

/** Files in a new directory. */
export function directoryWith(files: Readonly<Record<string, string>>): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'agent-ci-agents-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export interface Serving {
  readonly url: string
  close(): Promise<void>
}

function listen(server: Server | TcpServer, close: () => void): Promise<Serving> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: () =>
          new Promise<void>((done) => {
            server.close(() => done())
            close()
          }),
      })
    })
  })
}

export function serveHttp(listener: RequestListener): Promise<Serving> {
  const server = createHttpServer(listener)
  return listen(server, () => server.closeAllConnections())
}

/** A server of bare bytes, for what no HTTP library sends. */
export function serveTcp(onConnection: (socket: Socket, index: number) => void): Promise<Serving> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    onConnection(socket, connections++)
  })
  return listen(server, () => {
    for (const socket of sockets) socket.destroy()
  })
}

/** Waits until something is so, looking again at every turn of the event loop. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

/** Whether a process exists and is no zombie that only waits to be collected. */
export function isRunning(pid: number): boolean {
  try {
    // proc(5): "pid (name) state …"; the name may hold anything.
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
