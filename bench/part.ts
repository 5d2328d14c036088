/** One measurement: a title and the lines it prints. */
export interface Part {
  readonly title: string;
  run(): Promise<readonly string[]>;
}

/** `reached` or `missed`, beside the figure. */
export const verdict = (value: number, line: number): string => (value <= line ? 'reached' : 'missed');
