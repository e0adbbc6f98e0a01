import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { GatewayEvent } from '@agent-ci/gateway/events'
import type { GatewayOptions } from '@agent-ci/gateway/options'
import type { GatewayDeps } from '@agent-ci/gateway/run'
import { type Gateway, startGateway } from '@agent-ci/gateway/server'

/** The real clock and timers. */
export const realDeps: GatewayDeps = {
  now: () => performance.timeOrigin + performance.now(),
  random: Math.random,
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
}

/** Directories and gateways of a test, all gone after it. */
export class Workplace {
  private readonly directories: string[] = []
  private readonly gateways: Gateway[] = []

  directory(): string {
    const path = mkdtempSync(join(tmpdir(), 'agent-ci-gateway-'))
    this.directories.push(path)
    return path
  }

  async start(options: GatewayOptions, deps: Partial<GatewayDeps> = {}): Promise<Gateway & { events: GatewayEvent[] }> {
    const events: GatewayEvent[] = []
    const gateway = await startGateway(options, { ...realDeps, onEvent: (event) => events.push(event), ...deps })
    this.gateways.push(gateway)
    return Object.assign(gateway, { events })
  }

  async clear(): Promise<void> {
    await Promise.all(this.gateways.splice(0).map((gateway) => gateway.close(0)))
    for (const path of this.directories.splice(0)) rmSync(path, { recursive: true, force: true })
  }
}
