import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ControlPlane } from '../control-plane.ts'
import { LiveObjects } from '../live-objects.ts'
import type { Pod } from '../pod.ts'
import { loopbackAddress } from '../pod-address.ts'
import { freePorts } from '../ports.ts'
import { until } from '../until.ts'

/** A price list of model-a and model-b, as recording rules keep one. */
const PRICES = ['model-a', 'model-b'].flatMap((model) =>
  ['input', 'output'].map((type) => ({
    record: 'llm_price_usd_per_token',
    expr: type === 'input' ? 'vector(1e-6)' : 'vector(1e-5)',
    labels: { gen_ai_request_model: model, gen_ai_token_type: type },
  })),
)

/** A real Prometheus that scrapes the pods of a namespace every second, with the labels that a cluster's scrape configuration gives. */
export class PodPrometheus {
  readonly url: string
  readonly #directory: string
  readonly #config: string
  readonly #port: number
  #child: ChildProcess
  #pods: LiveObjects<Pod> | undefined
  #scrapes = true
  #write: () => void = () => undefined

  private constructor(directory: string, config: string, port: number) {
    this.#directory = directory
    this.#config = config
    this.#port = port
    this.url = `http://127.0.0.1:${port}`
    this.#child = this.#spawn()
  }

  static async start(plane: ControlPlane, namespace: string): Promise<PodPrometheus> {
    const directory = mkdtempSync(join(tmpdir(), 'agent-ci-prometheus-'))
    const targets = join(directory, 'targets.json')
    writeFileSync(targets, '[]')
    const config = join(directory, 'prometheus.yml')
    const scrape = { job_name: 'pods', file_sd_configs: [{ files: [targets] }] }
    writeFileSync(
      config,
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
        rule_files: [join(directory, 'prices.json')],
        scrape_configs: [scrape],
      }),
    )
    writeFileSync(join(directory, 'prices.json'), JSON.stringify({ groups: [{ name: 'prices', rules: PRICES }] }))
    const [port] = await freePorts(1)
    const prometheus = new PodPrometheus(directory, config, port!)
    const pods = await LiveObjects.of<Pod>(plane.api, `/api/v1/namespaces/${namespace}/pods`, () => write())
    const write = () => {
      const found = [...(prometheus.#scrapes ? pods.byName.values() : [])].filter(
        ({ status, metadata }) => status.podIP && !metadata.deletionTimestamp,
      )
      const list = found.map(({ metadata, status }) => ({
        targets: [`${loopbackAddress(status.podIP!)}:8080`],
        labels: { namespace, pod: metadata.name },
      }))
      writeFileSync(`${targets}.new`, JSON.stringify(list))
      renameSync(`${targets}.new`, targets)
    }
    prometheus.#pods = pods
    prometheus.#write = write
    write()
    await prometheus.#ready()
    return prometheus
  }

  /** Resolves when a query answers a number above `least`. */
  async above(query: string, least: number): Promise<void> {
    await until(
      async () => {
        const answer = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(query)}`)
        const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
        return Number(data.result[0]?.value[1] ?? 0) > least
      },
      { what: `${query} > ${least}` },
    )
  }

  /** Resolves when a query has no series any more. */
  async gone(query: string): Promise<void> {
    await until(
      async () => {
        const answer = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(query)}`)
        return ((await answer.json()) as { data: { result: unknown[] } }).data.result.length === 0
      },
      { what: `nothing of ${query}`, timeoutMs: 120_000 },
    )
  }

  /** Whether it scrapes the pods, as it does from the start; pods that are not scraped have no series. */
  scrape(scrapes: boolean): void {
    this.#scrapes = scrapes
    this.#write()
  }

  /** Takes the server away, as a crash does. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await gone
  }

  async restart(): Promise<void> {
    this.#child = this.#spawn()
    await this.#ready()
  }

  async stop(): Promise<void> {
    await this.#pods?.stop()
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #spawn(): ChildProcess {
    return spawn(
      '/usr/bin/prometheus',
      [
        `--config.file=${this.#config}`,
        `--storage.tsdb.path=${join(this.#directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${this.#port}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
  }

  async #ready(): Promise<void> {
    await until(async () => (await fetch(`${this.url}/-/ready`).catch(() => undefined))?.ok === true, {
      what: 'Prometheus to be ready',
    })
  }
}
