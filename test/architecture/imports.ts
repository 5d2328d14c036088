import { posix } from 'node:path';
import type { SourceFile } from './sources.ts';

export interface Import {
  readonly from: string;
  /** A path from the root for a file of the project, the specifier for a package. */
  readonly to: string;
  readonly isOwn: boolean;
  /** Nothing of it is left when the program runs. */
  readonly isTypeOnly: boolean;
}

/** `import … from`, `export … from`, and, for what is loaded later or for its effects, `import '…'` and `import('…')`. */
const IMPORT = /(?:^|\n)(?:import|export)\s(type\s)?[^;]*?from\s+'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g;

/** Every import and re-export, types included. */
export const importsOf = (files: readonly SourceFile[]): readonly Import[] =>
  files.flatMap(({ path, text }) =>
    [...text.matchAll(IMPORT)].map(([, type, named, bare]) => {
      const specifier = named ?? bare ?? '';
      const isOwn = specifier.startsWith('.');
      const to = isOwn ? posix.join(posix.dirname(path), specifier) : specifier;
      return { from: path, to, isOwn, isTypeOnly: type !== undefined };
    }),
  );

/** Groups of files that import each other in a circle, each sorted by path (Tarjan's strongly connected components). */
export function circlesIn(imports: readonly Import[]): readonly (readonly string[])[] {
  const targets = Map.groupBy(
    imports.filter(({ isOwn }) => isOwn),
    ({ from }) => from,
  );
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];

  const close = (file: string) => {
    const members = open.splice(open.indexOf(file));
    for (const member of members) lowest.set(member, Number.POSITIVE_INFINITY);
    if (members.length > 1) circles.push(members.sort());
  };
  const visit = (file: string): number => {
    order.set(file, order.size);
    lowest.set(file, order.size - 1);
    open.push(file);
    for (const { to } of targets.get(file) ?? []) {
      const reached = order.has(to) ? (lowest.get(to) ?? 0) : visit(to);
      lowest.set(file, Math.min(lowest.get(file) ?? 0, reached));
    }
    const low = lowest.get(file) ?? 0;
    if (low === order.get(file)) close(file);
    return low;
  };

  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return circles;
}
