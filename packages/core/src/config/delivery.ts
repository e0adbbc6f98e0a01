import * as z from 'zod'

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
    history: z.string().min(1).describe('cluster, or the path of a history.json'),
  })
  .partial()
