import { defineConfig, mergeConfig } from 'vitest/config'
import vite from './vite.config.ts'

export default mergeConfig(
  vite,
  defineConfig({
    test: {
      projects: [
        { extends: true, test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], environment: 'node' } },
        {
          extends: true,
          test: {
            name: 'browser',
            include: ['tests/browser/**/*.test.ts'],
            environment: 'node',
            testTimeout: 120_000,
            hookTimeout: 120_000,
            // Every file has a service and a browser of its own, and mostly waits for them.
            maxWorkers: 2,
          },
        },
        { extends: true, test: { name: 'pictures', include: ['tests/pictures/**/*.test.ts'], environment: 'node' } },
        { extends: true, test: { name: 'benchmark', include: ['benchmarks/**/*.test.ts'], environment: 'node' } },
      ],
    },
  }),
)
