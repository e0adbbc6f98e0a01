import type { Host } from '@agent-ci/core/host'
import type { ReleaseRecord } from '@agent-ci/delivery/releases/history/record'
import type { Rollout } from '@agent-ci/delivery/rollout/journal'
import type { RolloutOutcome } from '@agent-ci/delivery/rollout/outcome'
import {
  type DeploymentTracker,
  knownDeployments,
  openDeployments,
  startDeployment,
} from '@agent-ci/github/deployments'
import { issueTracker } from '@agent-ci/github/issue-tracker'
import { openOctokit } from '@agent-ci/github/octokit'
import type { RunIdentity } from '@agent-ci/github/run-identity'
import type { Alert, Severity } from '@agent-ci/notify/alert'
import { notify } from '@agent-ci/notify/notify'
import { deploymentDescription } from '@agent-ci/reporting/rollout/deployment'
import type { DeploySettings } from './settings.ts'

/** Tells GitHub's deployments and the alert targets of a rollout. Nothing that goes wrong here changes the rollout. */
export class Announcer {
  private readonly settings: DeploySettings
  private readonly host: Host
  private readonly run: RunIdentity
  private tracker: Promise<DeploymentTracker> | undefined
  private ids: readonly number[] = []

  constructor(settings: DeploySettings, host: Host, run: RunIdentity) {
    this.settings = settings
    this.host = host
    this.run = run
  }

  /** A rollout begins: its record in GitHub is created. */
  begin(): void {
    const { settings, run } = this
    if (!this.token || run.sha === undefined) return
    const { environment, app } = settings.place
    const description = deploymentDescription({ kind: 'preparing' })
    this.tracker = startDeployment(
      { environment, ref: run.sha, task: 'deploy', description, payload: { app } },
      this.deps,
    )
    void this.tracker.then(({ ids }) => {
      this.ids = ids
    })
  }

  /** Goes on with the records that an earlier job left open. */
  reopen(): void {
    if (!this.token) return
    const { environment, app } = this.settings.place
    this.tracker = openDeployments({ environment, payload: { app } }, this.deps)
  }

  /** The records of the rollout that this run began, for the journal. */
  get announced(): Rollout['announced'] {
    const { repository } = this.run
    return repository === undefined || this.ids.length === 0 ? null : { repository, deployments: [...this.ids] }
  }

  /** Another run's rollout was ended before this one began: its records too. Without their ids all are found that are open. */
  async endFormer(announced: Rollout['announced'], done: RolloutOutcome): Promise<void> {
    if (!this.token || (announced && announced.repository !== this.run.repository)) return
    const { environment, app } = this.settings.place
    const found = announced
      ? announced.deployments
      : (await openDeployments({ environment, payload: { app } }, this.deps)).ids
    const own = (await this.tracker)?.ids ?? []
    const former = knownDeployments(
      found.filter((id) => !own.includes(id)),
      this.deps,
    )
    await tell(former, done, null)
  }

  progress(description: string): void {
    void this.tracker?.then((tracker) => tracker.progress(description))
  }

  /** The rollout came to something; `former` are the records before it, to know whether this is a recovery. */
  async end(done: RolloutOutcome, former: readonly ReleaseRecord[], weight: number | null): Promise<void> {
    const tracker = await this.tracker
    if (tracker) await tell(tracker, done, weight)
    await this.alert(wordOf(done), done, former)
  }

  /** The rollout was refused before anything was changed. */
  async refused(reason: string): Promise<void> {
    await (await this.tracker)?.error(
      deploymentDescription({ kind: 'ended', outcome: 'refused', weight: null, reason }),
    )
  }

  private async alert(word: string, done: RolloutOutcome, former: readonly ReleaseRecord[]): Promise<void> {
    const { targets, place } = this.settings
    const severity = SEVERITIES[word]
    const before = former.findLast(({ sequence }) => sequence !== done.record?.sequence)
    const recovers = word === 'promoted' && before !== undefined && !before.verified
    if (!severity && !recovers) return
    const alert: Alert = {
      key: `agent-ci/${this.run.repository ?? 'local'}/${place.environment}/${place.app}`,
      kind: severity ? 'trigger' : 'resolve',
      severity: severity ?? 'info',
      title: `${place.app} in ${place.environment}: ${word.replace('-', ' ')}`,
      text: done.reason,
      facts: [
        { name: 'release', value: (word === 'promoted' ? done.record : done.previous)?.release.id ?? 'unknown' },
        { name: 'running', value: done.record?.release.id ?? 'unknown' },
      ],
      links: this.run.url ? [{ text: 'Run', url: this.run.url }] : [],
      at: this.host.date().toISOString(),
    }
    const { repository } = this.run
    const issues = this.token && repository ? { issues: issueTracker(this.deps.open, repository) } : {}
    await notify([alert], targets, this.host, issues)
  }

  private get token(): string {
    return this.settings.githubToken
  }

  private get deps() {
    const { host, run, token } = this
    // What must still be said after a cancelled job has no use for the job's signal.
    const signal = AbortSignal.timeout(60_000)
    return { open: () => openOctokit(token, { ...host, signal }), run, warn: host.warn }
  }
}

/** The outcome as GitHub and people are told it. */
const wordOf = ({ outcome }: RolloutOutcome) =>
  outcome === 'nothing-to-do' ? 'promoted' : outcome === 'failed' ? 'rollback-failed' : outcome

/** Says in some records of GitHub what a rollout came to. */
async function tell(tracker: DeploymentTracker, done: RolloutOutcome, weight: number | null): Promise<void> {
  if (done.notBegun) return tracker.inactive(deploymentDescription({ kind: 'not-begun', reason: done.reason }))
  const outcome = wordOf(done)
  const text = deploymentDescription({ kind: 'ended', outcome, weight, reason: done.reason })
  switch (outcome) {
    case 'promoted':
      return tracker.success(text)
    case 'paused':
      return tracker.progress(text)
    case 'rollback-failed':
      return tracker.error(text)
    default:
      return tracker.failure(text)
  }
}

const SEVERITIES: Readonly<Record<string, Severity>> = {
  'rolled-back': 'error',
  'rollback-failed': 'critical',
  paused: 'warning',
}
