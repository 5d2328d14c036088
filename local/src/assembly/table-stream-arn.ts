/**
 * ARN of a table's stream. It ends with a label: on AWS the time at which the stream was made; here a stream
 * is the same in every run.
 */
export const tableStreamArn = (tableArn: string): string => `${tableArn}/stream/${STREAM_LABEL}`;

export const STREAM_LABEL = '2026-01-01T00:00:00.000';
