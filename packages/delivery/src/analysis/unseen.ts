import { ConfigurationError } from '@agent-ci/core/errors'

/** Prometheus knows a metric, and has no series of it where stable's must be: they may come with the next scrape. */
export class UnseenError extends ConfigurationError {}
