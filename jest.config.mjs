export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/tests/{unit,contract,integration}/**/*.test.ts'],
  // The copies of `npm run mutate`.
  modulePathIgnorePatterns: ['<rootDir>/.cache/mutation/'],
  extensionsToTreatAsEsm: ['.ts'],
  // jest 30.5 strips the types itself on Node 24 when no transformer matches.
  transform: {},
  testEnvironmentOptions: { customExportConditions: ['agent-ci-src', 'node', 'node-addons'] },
  maxWorkers: '100%',
  testTimeout: 30_000,
  coverageProvider: 'babel',
  collectCoverageFrom: ['{packages,actions}/*/src/**/*.ts'],
}
