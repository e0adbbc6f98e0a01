import type { Agent } from '@agent-ci/core/agent'
import { optional } from '@agent-ci/core/config/setting-reader'
import type { Host } from '@agent-ci/core/host'
import { probeKind } from '@agent-ci/core/probe'
import type { Reply } from '@agent-ci/core/reply'
import { forLog, untrusted } from '@agent-ci/core/untrusted'
import { type AgentDeps, trialKey } from '@agent-ci/evaluation/agents/deps'
import { plantedAttack } from '@agent-ci/evaluation/datasets/attacked'
import type { GatewayEvent } from '@agent-ci/gateway/events'
import type { Attack } from '@agent-ci/gateway/inject'
import { type Observed, usageFrom } from '@agent-ci/gateway/observed'
import { OWN_SCOPE } from '@agent-ci/gateway/scope'
import { type Gateway, startGateway } from '@agent-ci/gateway/server'
import { agentEnvironment } from '@agent-ci/gateway/settings'
import type { TrafficSettings } from './traffic-settings.ts'

/** The gateway of a run, between its agents and the models. */
export interface Traffic {
  readonly gateway: Gateway
  /** For our own calls (the judge): through the gateway too. */
  readonly judgeEnv: Readonly<Record<string, string>>
  /** The models that answered agents so far, as their providers named them. */
  readonly models: ReadonlySet<string>
  /** The traffic of one agent's workers. The agents of a run have different names: they may run the same trial at once. */
  ofPool(name: string): PoolTraffic
}

export interface PoolTraffic {
  /** What the agent is made with, so that each worker's calls go through the gateway and count for the trial that it runs. */
  readonly agentDeps: Required<Pick<AgentDeps, 'workerEnv' | 'onTrial'>>
  /** An agent whose replies say what the gateway saw of their model calls. */
  observe(agent: Agent): Agent
}

/** Starts the gateway of a run. `setModel` is the model for every call of the agents, whatever they ask for. */
export async function openTraffic(
  settings: TrafficSettings,
  host: Host,
  setModel?: string,
  answered?: (event: Extract<GatewayEvent, { type: 'answered' }>) => void,
): Promise<Traffic> {
  const told = new Set<string>()
  const gateway = await startGateway(
    { ...settings, ...optional('setModel', setModel) },
    {
      now: () => host.date().getTime(),
      random: host.random,
      sleep: host.sleep,
      onEvent: (event) => {
        if (event.type === 'answered') answered?.(event)
        const warning = warningOf(event)
        if (warning === undefined || told.has(event.type)) return
        told.add(event.type)
        host.warn('Model traffic', forLog(warning))
      },
    },
  )
  const seenByAgents: SeenByAgents = { calls: 0, models: new Set() }
  return {
    gateway,
    models: seenByAgents.models,
    judgeEnv: agentEnvironment(gateway.baseUrls(OWN_SCOPE)),
    ofPool: (name) => poolTraffic(gateway, name, seenByAgents, setModel !== undefined),
  }
}

/** What came by of the agents of a run together. */
interface SeenByAgents {
  calls: number
  readonly models: Set<string>
}

function poolTraffic(gateway: Gateway, name: string, all: SeenByAgents, setsModel: boolean): PoolTraffic {
  const scopeOf = (worker: number): string => `${name}${worker}`
  /** What was seen of trials that ended, until their reply takes it. */
  const seen = new Map<string, Observed>()
  const running = new Map<number, string>()
  /** Of attacked trials that were asked for. */
  const attacks = new Map<string, Attack>()
  return {
    agentDeps: {
      workerEnv: (worker) => agentEnvironment(gateway.baseUrls(scopeOf(worker))),
      onTrial: (worker, trial) => {
        const before = running.get(worker)
        if (before !== undefined) seen.set(before, gateway.take(scopeOf(worker)))
        if (trial === null) {
          running.delete(worker)
          return
        }
        running.set(worker, trial)
        const at = trial.lastIndexOf('#')
        gateway.begin(
          scopeOf(worker),
          { example: trial.slice(0, at), repeat: Number(trial.slice(at + 1)) },
          attacks.get(trial),
        )
      },
    },
    observe: (agent) => ({
      description: agent.description,
      close: () => agent.close(),
      run: async (request) => {
        const key = trialKey(request)
        // What is whole in the input plants nothing, and is watched all the same.
        const attack = plantedAttack(request.example) ?? (probeKind(request.example) && {})
        if (attack) attacks.set(key, attack)
        const reply = await agent.run(request)
        attacks.delete(key)
        const observed = seen.get(key)
        seen.delete(key)
        for (const model of observed?.models ?? []) all.models.add(model)
        all.calls += observed?.calls ?? 0
        if (setsModel && all.calls === 0 && !reply.failure && !observed?.refusals.length) return unseen(reply)
        const seenReply = observed ? withObserved(reply, observed) : reply
        return attack ? withAttack(seenReply, attack, observed) : seenReply
      },
    }),
  }
}

/** What came of an attack that the gateway had to place. */
function withAttack(reply: Reply, { place, secret, tool }: Attack, observed: Observed | undefined): Reply {
  const { placements = [], turns = [] } = observed ?? {}
  const wanted = [place, secret === undefined ? undefined : 'system', tool === undefined ? undefined : 'tools']
  const isWhole = wanted.every((each) => each === undefined || placements.some((placed) => placed.place === each))
  return {
    ...reply,
    ...(placements.length > 0 && { attacked: placements }),
    ...(turns.length > 0 && { turns }),
    ...(!isWhole && { attackMissed: true as const }),
  }
}

/** What the gateway refused a trial is no answer of the agent's, whatever the agent made of it. What the agent reports itself stands. */
function withObserved(reply: Reply, observed: Observed): Reply {
  const refusal = observed.refusals.find(({ kind }) => kind === 'budget') ?? observed.refusals[0]
  const usage = observed.calls > 0 ? { ...reply.usage, ...usageFrom(observed) } : reply.usage
  const toolCalls = reply.toolCalls ?? (observed.calls > 0 ? observed.toolCalls : null)
  const shared = {
    ...reply,
    usage,
    toolCalls,
    ...(observed.replayed && { replayed: true, latencyMs: observed.latencyMs }),
  }
  if (!refusal) return shared
  return {
    ...shared,
    output: untrusted(''),
    failure: {
      of: 'infrastructure',
      kind: refusal.kind === 'budget' ? 'budget' : 'refused',
      message: untrusted(refusal.message),
      retryable: false,
    },
  }
}

/** Until a first call has come by, nobody knows whether the agent's calls come by at all, and which model answers it. */
const unseen = (reply: Reply): Reply => ({
  ...reply,
  output: untrusted(''),
  failure: {
    of: 'infrastructure',
    kind: 'refused',
    message: untrusted(
      'set-model is true, and no model call of the agent came through the gateway: it must use ANTHROPIC_BASE_URL or OPENAI_BASE_URL of its environment',
    ),
    retryable: false,
  },
})

function warningOf(event: GatewayEvent): string | undefined {
  switch (event.type) {
    case 'refused':
      return event.first ? event.message : undefined
    case 'damaged':
      return `${event.file}:${event.line}: ${event.reason}; this recording is not used`
    case 'not-recorded':
    case 'incomplete':
      return event.reason
    default:
      return undefined
  }
}
