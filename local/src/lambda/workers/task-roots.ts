import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionSpec } from '../function-spec.ts';

export interface TaskRoots {
  /** The function's own copy of its asset; made at its first call. */
  prepare(spec: FunctionSpec): Promise<string>;
  remove(): Promise<void>;
}

/**
 * Copies assets out of the assembly: under this project a bundle would find `node_modules` and a `package.json`
 * that Lambda does not have, and work here alone.
 */
export function createTaskRoots(): TaskRoots {
  let base: Promise<string> | undefined;
  const copies = new Map<string, Promise<string>>();
  const copy = async ({ logicalId, assetPath }: FunctionSpec) => {
    base ??= mkdtemp(join(tmpdir(), 'local-cloud-task-'));
    const root = join(await base, logicalId);
    await cp(assetPath, root, { recursive: true, dereference: true });
    return root;
  };

  return {
    prepare: (spec) => {
      const known = copies.get(spec.logicalId) ?? copy(spec);
      copies.set(spec.logicalId, known);
      return known;
    },
    remove: async () => {
      await Promise.allSettled(copies.values());
      if (base) await rm(await base, { recursive: true, force: true });
    },
  };
}
