import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ScrapeTarget {
  /** `127.0.0.1:8080` */
  readonly address: string
  readonly labels: Readonly<Record<string, string>>
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

async function until(what: string, check: () => Promise<boolean>, withinMs = 25_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`${what} did not happen within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const configuration = (targets: readonly ScrapeTarget[]) => ({
  global: { scrape_interval: '1s', scrape_timeout: '1s' },
  scrape_configs: [
    {
      job_name: 'agent-service',
      static_configs: targets.map(({ address, labels }) => ({ targets: [address], labels })),
    },
  ],
})

/** A real Prometheus on loopback that scrapes its targets every second. JSON is YAML. */
export class PrometheusServer {
  readonly url: string
  private readonly child: ChildProcess
  private readonly directory: string
  private readonly exited: Promise<unknown>

  private constructor(url: string, child: ChildProcess, directory: string) {
    this.url = url
    this.child = child
    this.directory = directory
    this.exited = new Promise((resolve) => child.once('exit', resolve))
  }

  /** Resolves when every target was scraped once; the first scrape comes some 5 s after the start. `prefix` is a base path such as `/prometheus`. */
  static async start(targets: readonly ScrapeTarget[], prefix = ''): Promise<PrometheusServer> {
    const directory = await mkdtemp(join(tmpdir(), 'prometheus-'))
    const file = join(directory, 'prometheus.yml')
    await writeFile(file, JSON.stringify(configuration(targets)))
    const port = await freePort()
    const child = spawn(
      '/usr/bin/prometheus',
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--web.route-prefix=${prefix === '' ? '/' : prefix}`,
        '--web.enable-lifecycle',
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
    const server = new PrometheusServer(`http://127.0.0.1:${port}${prefix}`, child, directory)
    try {
      await until('every target being scraped', () => server.allScraped(targets.length))
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  }

  /** Scrapes other targets from now on; resolves when each of them was scraped. */
  async retarget(targets: readonly ScrapeTarget[]): Promise<void> {
    await writeFile(join(this.directory, 'prometheus.yml'), JSON.stringify(configuration(targets)))
    const reloaded = await fetch(`${this.url}/-/reload`, { method: 'POST' })
    if (!reloaded.ok) throw new Error(`reload: ${await reloaded.text()}`)
    await until('the new targets being scraped', () => this.allScraped(targets.length))
  }

  /** Resolves when a query answers a number that `check` accepts. */
  async untilQuery(query: string, check: (value: number) => boolean): Promise<void> {
    await until(query, async () => {
      const answer = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(query)}`)
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
      return check(Number(data.result[0]?.value[1]))
    })
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL')
    if (this.child.exitCode === null && this.child.signalCode === null) await this.exited
    await rm(this.directory, { recursive: true, force: true })
  }

  private async allScraped(count: number): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(`prometheus ended with status ${this.child.exitCode}`)
    try {
      const answer = await fetch(`${this.url}/api/v1/targets?state=active`)
      const { data } = (await answer.json()) as { data: { activeTargets: { health: string }[] } }
      return data.activeTargets.length === count && data.activeTargets.every(({ health }) => health === 'up')
    } catch {
      return false
    }
  }
}
