import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'

const BINARY = process.env.PUSHGATEWAY ?? '/usr/bin/prometheus-pushgateway'

/** Whether there is a Pushgateway here; without one a test says so, and in CI it fails. */
export function hasPushgateway(): boolean {
  if (existsSync(BINARY)) return true
  const reason = `${BINARY} is missing: install Debian's prometheus-pushgateway, or set PUSHGATEWAY to the program`
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`skipped: ${reason}\n`)
  return false
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/** A real Pushgateway on loopback that keeps nothing. */
export class PushgatewayServer {
  readonly address: string
  private readonly child: ChildProcess

  private constructor(address: string, child: ChildProcess) {
    this.address = address
    this.child = child
  }

  static async start(): Promise<PushgatewayServer> {
    const address = `127.0.0.1:${await freePort()}`
    const child = spawn(BINARY, [`--web.listen-address=${address}`, '--log.level=error'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const server = new PushgatewayServer(address, child)
    const end = Date.now() + 20_000
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the Pushgateway ended with status ${child.exitCode}`)
      const ready = await fetch(`http://${address}/-/ready`).catch(() => undefined)
      if (ready?.ok) return server
      if (Date.now() > end) throw new Error('the Pushgateway was not ready within 20 s')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  get url(): string {
    return `http://${this.address}`
  }

  /** What Prometheus would scrape. */
  async metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text()
  }

  stop(): void {
    this.child.kill('SIGKILL')
  }
}
