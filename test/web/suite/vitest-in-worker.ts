import {
  customMatchers,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';
import { expect as chaiExpect, use } from 'chai';

/** What tests import from 'vitest', in a worker of a browser: vitest's own runner and expectations, without its host. */

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from '@vitest/runner';

use(JestExtend);
use(JestChaiExpect);
use(JestAsymmetricMatchers);

export const expect = Object.assign(
  (value: unknown, message?: string) => chaiExpect(value, message),
  chaiExpect,
);
Object.assign(globalThis, { [GLOBAL_EXPECT]: expect });
setState({ assertionCalls: 0 }, expect as never);
(chaiExpect as unknown as { extend(target: unknown, matchers: unknown): void }).extend(
  expect,
  customMatchers,
);
