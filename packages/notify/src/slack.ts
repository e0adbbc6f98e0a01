import { visible } from '@agent-ci/core/untrusted'
import { IncomingWebhook, type IncomingWebhookSendArguments } from '@slack/webhook'
import { type Alert, type Severity, webLinks } from './alert.ts'
import { fitEncoded, fitRows, linesOf, oneLine } from './fit.ts'
import { type Answer, type NotifyHost, type PostRules, post } from './post.ts'

/** Block Kit's limits (docs.slack.dev/reference/block-kit/blocks), in UTF-16 units. */
const MOST = { header: 150, text: 3_000, field: 2_000, fieldsOfSection: 10, fallback: 4_000 } as const
/** A message whose blocks have some 13,000 characters in all is refused (msg_blocks_too_long), which is not documented. */
const MOST_OF_FACTS = 7_000

const MARKS: Readonly<Record<Severity, string>> = { info: '🔵', warning: '🟠', error: '🔴', critical: '🚨' }

/**
 * Slack reads `<!here>`, `<@user>` and `<url|text>` as commands; without these three characters there are none
 * (docs.slack.dev/messaging/formatting-message-text, "Escaping text").
 */
const encode = (text: string): string =>
  visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** `verbatim`: Slack makes no link of a channel's name, a mention or an address that stands in the text. */
const mrkdwn = (text: string) => ({ type: 'mrkdwn' as const, text, verbatim: true })

type Blocks = NonNullable<IncomingWebhookSendArguments['blocks']>

/** An alert as a message of blocks, within Slack's limits: what is too long is cut at the end of a row. */
export function slackMessage(alert: Alert): IncomingWebhookSendArguments & { readonly blocks: Blocks } {
  const mark = alert.kind === 'resolve' ? '✅' : MARKS[alert.severity]
  const heading = `${alert.kind === 'resolve' ? 'Resolved: ' : ''}${oneLine(alert.title)}`
  const header = `${mark} ${fitEncoded(heading, MOST.header - mark.length - 1, encode)}`
  const text = fitRows(
    linesOf(alert.text).map((line) => fitEncoded(line, 1_000, encode)),
    MOST.text,
  )
  const { fields, left } = factFields(alert)
  const links = webLinks(alert.links).map(
    ({ text: label, url }) =>
      // An address keeps no bar: it would end the address and begin the label.
      `<${encode(url.replaceAll('|', '%7C'))}|${fitEncoded(oneLine(label), 100, encode)}>`,
  )
  const shortLinks = links.filter((link) => link.length < 1_000)
  const footer = `${alert.severity} · ${fitEncoded(oneLine(alert.key), 500, encode)} · ${encode(alert.at)}`
  const blocks: Blocks = [
    { type: 'header', text: { type: 'plain_text', text: header, emoji: false } },
    ...(text.trim() === '' ? [] : [{ type: 'section' as const, text: mrkdwn(text) }]),
    ...sections(fields),
    ...(left === 0 ? [] : [{ type: 'context' as const, elements: [mrkdwn(`… ${left} more`)] }]),
    ...(shortLinks.length === 0 ? [] : [{ type: 'section' as const, text: mrkdwn(fitRows(shortLinks, 2_000, ' · ')) }]),
    { type: 'context', elements: [mrkdwn(footer)] },
  ]
  return { text: fitRows([header, ...text.split('\n')], MOST.fallback), blocks }
}

function factFields({ facts }: Alert): { fields: string[]; left: number } {
  const fields: string[] = []
  let length = 0
  for (const { name, value } of facts) {
    const field = `*${fitEncoded(oneLine(name), 100, encode)}*\n${fitEncoded(oneLine(value), 500, encode)}`
    length += field.length
    if (length > MOST_OF_FACTS) break
    fields.push(field)
  }
  return { fields, left: facts.length - fields.length }
}

function sections(fields: readonly string[]): Blocks {
  const blocks: Blocks = []
  for (let at = 0; at < fields.length; at += MOST.fieldsOfSection) {
    blocks.push({ type: 'section', fields: fields.slice(at, at + MOST.fieldsOfSection).map(mrkdwn) })
  }
  return blocks
}

/** Sends an alert through an incoming webhook. */
export async function sendToSlack(alert: Alert, url: string, host: NotifyHost, rules: PostRules): Promise<Answer> {
  let answer: Answer | undefined
  // Slack's client retries neither a 429 nor through a proxy: it writes the message, and ours carries it.
  const webhook = new IncomingWebhook(url, {
    fetch: async (address, init) => {
      const body = typeof init?.body === 'string' ? init.body : ''
      answer = await post({ url: String(address), headers: init?.headers ?? {}, body }, host, rules)
      return new Response(answer.body)
    },
  })
  try {
    await webhook.send(slackMessage(alert))
  } catch (error) {
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error
  }
  return answer!
}
