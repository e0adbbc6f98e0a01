import { readFile } from 'node:fs/promises'
import { findConfig } from '@agent-ci/core/config/find'
import { SettingReader } from '@agent-ci/core/config/setting-reader'
import type { Host } from '@agent-ci/core/host'
import type { GatewayOptions } from '@agent-ci/gateway/options'
import { type GatewayInput, readGatewayOptions } from '@agent-ci/gateway/settings'

/** The options of a gateway from inputs and configuration, refused with all problems at once. */
export async function readOptions(host: Pick<Host, 'input' | 'cwd' | 'env'>): Promise<GatewayOptions> {
  const { located, baseDir } = await findConfig(host.input('config'), host.cwd, (file) => readFile(file, 'utf8'))
  const reader = new SettingReader<GatewayInput>(host.input, located)
  const options = readGatewayOptions(reader, 'mode', host.input, located, { cwd: host.cwd, baseDir, env: host.env })
  reader.refuseProblems()
  return options
}
