import { MESSAGE_ROWS } from './message-rows.ts';
import { CATALOG_ROWS, OTHER_ROWS } from './other-rows.ts';
import type { RowKind } from './row-kind.ts';

export const ROWS: readonly RowKind[] = [...MESSAGE_ROWS, ...CATALOG_ROWS, ...OTHER_ROWS];
