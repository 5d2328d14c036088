import type { BilledUnits } from '../gateway/metering/units.ts';

/** The request class of an S3 operation: PUT, COPY, POST and LIST cost alike. https://aws.amazon.com/s3/pricing/ */
export function s3Usage(operation: string): readonly BilledUnits[] {
  return [{ units: 1, unit: requestClassOf(operation) }];
}

function requestClassOf(operation: string): 'PUT' | 'GET' | 'DELETE' {
  if (/^(Delete|Abort)/.test(operation)) return 'DELETE';
  return /^(Get|Head|Select)/.test(operation) ? 'GET' : 'PUT';
}
