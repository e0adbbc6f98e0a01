import * as z from 'zod'

const command = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])

/** `delivery` in agent-ci.yaml: what is deployed, where to, and where its history is kept. Inputs override it. */
export const deliveryConfigSchema = z
  .strictObject({
    app: z.string().min(1).describe('Name of the app, which its Deployment has too'),
    environment: z.string().min(1),
    namespace: z.string().min(1).describe('Default: the name of the environment'),
    manifests: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .describe('Files or directories of Kubernetes manifests'),
    variables: z
      .record(z.string(), z.string())
      .describe('Values for the variables of the manifests, beside VERSION and our own'),
    agent_config: z.string().min(1).describe("The deployed agent's configuration, such as config/production.yaml"),
    prompts: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .describe('Prompts that travel in the release'),
    commands: z
      .strictObject({
        canary: command.describe('Gives the release {weight} percent of the traffic'),
        promote: command.describe('Gives it all traffic, for good'),
        rollback: command.describe('Takes it back'),
        weight: command.optional().describe('Prints the present weight in percent'),
        pass: z
          .array(z.string().min(1))
          .optional()
          .describe('Environment variables that the commands get, beside PATH and HOME'),
        timeout: z.string().min(1).optional().describe('Of one command (default 10m)'),
      })
      .describe("A team's own scripts, for traffic: command"),
    history: z.string().min(1).describe('cluster, or the path of a history.json'),
  })
  .partial()
