import base from '../../jest.config.mjs'

/** The tests that need a real API server: one for the whole run, a namespace of its own for each test. */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/cluster/**/*.test.ts'],
  globalSetup: '<rootDir>/tests/cluster/global-setup.ts',
  globalTeardown: '<rootDir>/tests/cluster/global-teardown.ts',
  testTimeout: 60_000,
}
