import * as z from 'zod'

/** How a file names an environment variable. */
const reference = (name: string) => `\${${name}}`

const secret = z
  .string()
  .regex(
    /^\$\{\w+\}$/,
    `Expected the name of an environment variable, as in ${reference('SLACK_WEBHOOK_URL')}: a secret does not belong in a file`,
  )

/** `notify` in agent-ci.yaml: who is told of regressions, rollbacks and recoveries. */
export const notifyConfigSchema = z
  .strictObject({
    slack_webhook_url: secret.describe(`An incoming webhook, as ${reference('SLACK_WEBHOOK_URL')}`),
    pagerduty_routing_key: secret.describe(`Of an Events API v2 integration, as ${reference('PAGERDUTY_ROUTING_KEY')}`),
    pagerduty_url: z
      .url({ protocol: /^https?$/ })
      .describe('https://events.eu.pagerduty.com/v2/enqueue for an account in Europe'),
    webhook_url: z
      .string()
      .min(1)
      .describe(`An address of your own, perhaps as ${reference('ALERTS_WEBHOOK_URL')}`),
    webhook_secret: secret.describe(`Signs what is sent there, as ${reference('ALERTS_SECRET')}`),
    issue: z.boolean().describe('Keep a GitHub issue for each incident: opened, updated, closed'),
    issue_labels: z.array(z.string().min(1).max(50)).max(20).describe('Beside the label agent-ci'),
  })
  .partial()
