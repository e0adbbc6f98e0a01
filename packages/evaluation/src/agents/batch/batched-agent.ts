import { createHash } from 'node:crypto'
import type { Agent, AgentRequest } from '@agent-ci/core/agent'
import type { AgentConfigOf } from '@agent-ci/core/config/agents'
import { messageOf } from '@agent-ci/core/errors'
import type { Json, JsonObject } from '@agent-ci/core/json'
import type { Reply } from '@agent-ci/core/reply'
import { forLog, untrusted } from '@agent-ci/core/untrusted'
import type Anthropic from '@anthropic-ai/sdk'
import { onAbort } from '../abort.ts'
import { closed, failed, readUsage, stopped } from '../answer.ts'
import { bodyOf, systemPrompt, textOf } from '../anthropic.ts'
import { conversationOf } from '../anthropic-input.ts'
import { type AgentDeps, trialKey } from '../deps.ts'
import type { Limiter } from '../limiter.ts'
import { type BatchResult, type ClockDeps, isRefusal, MessageBatches } from './message-batches.ts'
import type { OpenBatches } from './open-batches.ts'

/** Who keeps the money of batches: the gateway. */
export interface BatchMoney {
  readonly baseUrl: string
  worstUsd(body: JsonObject): number
  remainingUsd(): number
  reserve(worstUsd: number, signal: AbortSignal): Promise<{ settle(usd: number | undefined): void; release(): void }>
  costUsd(message: Json): number | undefined
}

export interface BatchDeps extends ClockDeps, Pick<AgentDeps, 'prompts' | 'cwd'> {
  readonly money: BatchMoney
  readonly open: OpenBatches
  /** For calls that are made one by one after all. */
  readonly limiter: Limiter
  readonly info: (line: string) => void
  readonly warn: (message: string) => void
  /** How long a batch may take; after that it is cancelled, and what it left is called one by one. */
  readonly timeoutMs: number
}

/** Well within the API's 100,000 requests and 256 MB: a batch is held in memory. */
const MOST_REQUESTS = 10_000
const MOST_BYTES = 64_000_000
/** When so long no trial was started, all that can be in a batch are there. */
const QUIET_MS = 200
/** How long a cancelled batch may take to end. */
const CANCELLED_MS = 120_000

interface Waiting {
  readonly request: AgentRequest
  readonly customId: string
  readonly body: Anthropic.MessageCreateParamsNonStreaming
  readonly bytes: number
  readonly worstUsd: number
  readonly settle: (reply: Reply) => void
  readonly fail: (defect: unknown) => void
}

/** 64 characters of those that the API takes, the same for the same trial of another run. */
const customIdOf = (request: AgentRequest): string => createHash('sha256').update(trialKey(request)).digest('hex')

/**
 * A model behind the Message Batches API: gathers what is asked at once, sends it in batches, and answers each as the results come. What a
 * batch does not answer (errored, expired, cancelled, too late, refused) is asked `single` one by one, so that it fails or not as any call.
 */
export async function batchedAgent(config: AgentConfigOf<'anthropic'>, single: Agent, deps: BatchDeps): Promise<Agent> {
  return new BatchedAgent(config, single, await systemPrompt(config.system, deps), deps)
}

class BatchedAgent implements Agent {
  readonly description: string
  private readonly config: AgentConfigOf<'anthropic'>
  private readonly single: Agent
  private readonly system: string | undefined
  private readonly deps: BatchDeps
  private readonly batches: MessageBatches
  private readonly waiting = new Map<string, Waiting>()
  private readonly signals = new WeakSet<AbortSignal>()
  private readonly cancelled: Promise<void>[] = []
  private timer: NodeJS.Timeout | undefined
  private working = false
  private aborted = false

  constructor(config: AgentConfigOf<'anthropic'>, single: Agent, system: string | undefined, deps: BatchDeps) {
    this.description = single.description
    this.config = config
    this.single = single
    this.system = system
    this.deps = deps
    this.batches = new MessageBatches(deps.money.baseUrl, deps)
  }

  run(request: AgentRequest): Promise<Reply> {
    if (request.signal.aborted) return Promise.resolve(cut(request.signal))
    const { system, messages } = conversationOf(request.example.input, this.system)
    const body = bodyOf(this.config, request.model, system, messages)
    let worstUsd: number
    try {
      worstUsd = this.deps.money.worstUsd(body as unknown as JsonObject)
    } catch (error) {
      return Promise.resolve(refused('refused', messageOf(error)))
    }
    this.watch(request.signal)
    return new Promise((settle, fail) => {
      const customId = customIdOf(request)
      this.waiting.set(customId, {
        request,
        customId,
        body,
        bytes: Buffer.byteLength(JSON.stringify(body)) + 100,
        worstUsd,
        settle,
        fail,
      })
      this.gather()
    })
  }

  async close(): Promise<void> {
    clearTimeout(this.timer)
    for (const { settle } of this.waiting.values()) settle({ ...closed(), latencyMs: 0, attempts: 1 })
    this.waiting.clear()
    await Promise.all(this.cancelled)
    // Until now its answers may have been on their way to the journal.
    if (!this.aborted) this.deps.open.clear()
    await this.single.close()
  }

  /** All trials of a run have one signal: a listener for each would be a hundred thousand. */
  private watch(signal: AbortSignal): void {
    if (this.signals.has(signal)) return
    this.signals.add(signal)
    onAbort(signal, () => {
      this.aborted = true
      for (const [id, { request, settle }] of this.waiting) {
        if (request.signal !== signal) continue
        this.waiting.delete(id)
        settle(cut(signal))
      }
    })
  }

  private gather(): void {
    if (this.working) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.working = true
      void this.work()
        .catch((defect: unknown) => {
          for (const { fail } of this.waiting.values()) fail(defect)
          this.waiting.clear()
        })
        .finally(() => {
          this.working = false
          if (this.waiting.size > 0) this.gather()
        })
    }, QUIET_MS)
  }

  /** Takes what earlier batches answered, then sends one batch after the other. */
  private async work(): Promise<void> {
    for (const { id, requests } of [...this.deps.open.list]) {
      const members = this.take(
        requests.map((request) => this.waiting.get(request)).filter((each) => each !== undefined),
      )
      if (members.size === 0) continue
      this.deps.info(`Batch ${id} of the run before is taken: ${members.size} of its requests are wanted`)
      for (const [customId, left] of await this.finish(id, members)) this.waiting.set(customId, left)
    }
    while (this.waiting.size > 0) await this.send(this.next())
  }

  private take(list: readonly Waiting[]): Map<string, Waiting> {
    for (const { customId } of list) this.waiting.delete(customId)
    return new Map(list.map((each) => [each.customId, each]))
  }

  /** As many as a batch, and the money that is left, can hold; at least one. */
  private next(): Map<string, Waiting> {
    const list: Waiting[] = []
    let bytes = 0
    let usd = 0
    const remaining = this.deps.money.remainingUsd()
    for (const each of this.waiting.values()) {
      bytes += each.bytes
      usd += each.worstUsd
      if (list.length > 0 && (list.length === MOST_REQUESTS || bytes > MOST_BYTES || usd > remaining)) break
      list.push(each)
    }
    return this.take(list)
  }

  private async send(members: Map<string, Waiting>): Promise<void> {
    const { money, open, info, warn } = this.deps
    const list = [...members.values()]
    const { signal } = list[0]!.request
    const worstUsd = list.reduce((sum, each) => sum + each.worstUsd, 0)
    let reservation: Awaited<ReturnType<BatchMoney['reserve']>>
    try {
      reservation = await money.reserve(worstUsd, signal)
    } catch (error) {
      for (const { settle } of list) settle(signal.aborted ? cut(signal) : refused('budget', messageOf(error)))
      return
    }
    const creating = this.batches.create(
      list.map(({ customId, body }) => ({ custom_id: customId, params: body })),
      signal,
    )
    const abandon = onAbort(signal, () => {
      for (const { settle } of list) settle(cut(signal))
      this.cancelled.push(creating.then((id) => this.batches.cancel(id)).catch(() => undefined))
    })
    let id: string
    try {
      id = await creating
    } catch (error) {
      if (isRefusal(error)) reservation.release()
      else reservation.settle(undefined)
      if (signal.aborted) return
      warn(
        `A batch of ${list.length} requests was not taken, so they are called one by one, at the full price: ${forLog(messageOf(error), 300)}`,
      )
      return this.callOneByOne(members)
    } finally {
      abandon()
    }
    open.add({ id, requests: [...members.keys()] })
    if (signal.aborted) return
    info(`Batch ${id}: ${list.length} requests sent`)
    const left = await this.finish(id, members, reservation)
    if (left.size > 0 && !signal.aborted)
      warn(
        `Batch ${id} left ${left.size} of ${list.length} requests without an answer; they are called one by one, at the full price`,
      )
    await this.callOneByOne(left)
  }

  /** Waits for a batch and answers its requests. @returns those that it did not answer */
  private async finish(
    id: string,
    members: Map<string, Waiting>,
    reservation?: { settle(usd: number | undefined): void },
  ): Promise<Map<string, Waiting>> {
    const { signal } = members.values().next().value!.request
    const { timeoutMs, warn } = this.deps
    let spentUsd: number | undefined = 0
    const abandon = onAbort(signal, () => {
      // The file keeps the batch: what it has answered by then is paid, and a run that continues this one takes it.
      this.cancelled.push(this.batches.cancel(id))
      for (const { settle } of members.values()) settle(cut(signal))
      members.clear()
    })
    try {
      if (!(await this.batches.hasEnded(id, timeoutMs, signal))) {
        warn(`Batch ${id} has not ended within ${timeoutMs / 1_000} s and is cancelled`)
        await this.batches.cancel(id)
        await this.batches.hasEnded(id, CANCELLED_MS, signal)
      }
      for await (const { custom_id, result } of this.batches.results(id, signal)) {
        const member = members.get(custom_id)
        if (!member || result.type !== 'succeeded') continue
        members.delete(custom_id)
        const reply = this.replyOf(result)
        spentUsd =
          reply.usage.costUsd === undefined || spentUsd === undefined ? undefined : spentUsd + reply.usage.costUsd
        member.settle(reply)
      }
    } catch (error) {
      if (!signal.aborted) warn(`Batch ${id} cannot be read: ${forLog(messageOf(error), 300)}`)
    } finally {
      abandon()
      reservation?.settle(signal.aborted ? undefined : spentUsd)
    }
    return members
  }

  private replyOf({ message }: Extract<BatchResult['result'], { type: 'succeeded' }>): Reply {
    const costUsd = this.deps.money.costUsd(message as unknown as Json)
    return {
      output: untrusted(textOf(message as unknown as Anthropic.Message)),
      toolCalls: [],
      usage: {
        ...readUsage(message.usage as Json | undefined),
        model: message.model,
        ...(costUsd !== undefined && { costUsd }),
      },
      latencyMs: 0,
      attempts: 1,
      batched: true,
    }
  }

  private async callOneByOne(members: ReadonlyMap<string, Waiting>): Promise<void> {
    const { limiter } = this.deps
    await Promise.all(
      [...members.values()].map(async ({ request, settle, fail }) => {
        const aborted = () => settle(cut(request.signal))
        try {
          await limiter.acquire(request.signal)
        } catch {
          return aborted()
        }
        try {
          settle(await this.single.run(request))
        } catch (defect) {
          fail(defect)
        } finally {
          limiter.release('ok')
        }
      }),
    )
  }
}

/** The reply to a trial that the end of its run cut off. */
const cut = (signal: AbortSignal): Reply => ({ ...stopped(signal), latencyMs: 0, attempts: 1 })

const refused = (kind: 'budget' | 'refused', message: string): Reply => ({
  ...failed({ of: 'infrastructure', kind, message, retryable: false }),
  latencyMs: 0,
  attempts: 1,
})
