/** One measurement: a title and the lines it prints. */
export interface Part {
  readonly title: string;
  run(): Promise<readonly string[]>;
}

/** Verdict beside a figure: `reached` or `missed`. */
export const verdict = (value: number, line: number): string => (value <= line ? 'reached' : 'missed');
