import { readConfiguredDatasets } from '@agent-ci/action-eval-gate/dataset-settings'
import { INPUTS } from '@agent-ci/action-eval-gate/interface'
import { readSettings } from '@agent-ci/action-eval-gate/settings'
import { optional } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import { formatRule } from '@agent-ci/core/gate'
import { loadDataset } from '@agent-ci/evaluation/datasets/load'
import { judgeModelOf } from '@agent-ci/evaluation/scorers/defaults'
import { type Command, done } from '../command.ts'

/** `agent-ci validate`: reads the configuration and every dataset that it names, and calls nothing. */
export const validateCommand: Command = {
  options: { config: INPUTS.config },
  flags: {},
  run: async (host) => {
    const settings = await readSettings(host.input, host.cwd, host.env)
    const problems: Problem[] = []
    for (const request of await readConfiguredDatasets(host.input('config'), host.cwd)) {
      try {
        const dataset = await loadDataset(request, {
          cwd: host.cwd,
          tempDir: host.tempDir,
          env: host.env,
          ...optional('langsmith', settings.langsmith),
          ...judgeModelOf(settings.scorers),
          warn: (message) => host.warn('Dataset', message),
        })
        host.info(`dataset ${request.name}: ${dataset.size} examples, ${dataset.digest.slice(0, 19)}`)
        dataset.close()
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error
        problems.push(...error.problems)
      }
    }
    if (problems.length > 0) throw new ConfigurationError(problems)
    host.info(`agent ${settings.agent.type}; gates ${settings.gates.map(formatRule).join(', ')}`)
    return done('valid')
  },
}
