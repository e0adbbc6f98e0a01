import base from '../cluster/jest.config.mjs'

/** The reusable workflows and the examples, run by act against the test cluster; one at a time. */
export default {
  ...base,
  testMatch: ['<rootDir>/tests/e2e/**/*.test.ts'],
  maxWorkers: 1,
  testTimeout: 240_000,
}
