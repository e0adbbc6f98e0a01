import base from '../../jest.config.mjs'

/** The tests that need a real forge. */
export default { ...base, rootDir: '../..', testMatch: ['<rootDir>/tests/forge/**/*.test.ts'] }
