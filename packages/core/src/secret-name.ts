/** Whether an environment variable's name says that its value is a secret. */
export const isSecretName = (name: string): boolean =>
  /(?:^|_)(?:(?:API)?KEY|TOKEN|SECRET|PASSWORD)$|WEBHOOK_URL$/i.test(name)
