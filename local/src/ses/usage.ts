import { type BilledUnits, BYTES_PER_GB } from '../gateway/metering/units.ts';
import { asList, asRecord, type Json, sum } from '../host/json.ts';

/** Recipients and attached bytes of a SendEmail; other operations are free. https://aws.amazon.com/ses/pricing/ */
export function sesUsage(operation: string, request: unknown): readonly BilledUnits[] {
  if (operation !== 'SendEmail') return [];
  const { Destination, Content } = asRecord(request);
  const attached = attachedBytes(asRecord(Content));
  return [
    { units: countRecipients(asRecord(Destination)), unit: 'recipient' },
    ...(attached > 0 ? [{ units: attached / BYTES_PER_GB, unit: 'attachment GB' }] : []),
  ];
}

const countRecipients = ({ ToAddresses, CcAddresses, BccAddresses }: Json): number =>
  sum([ToAddresses, CcAddresses, BccAddresses].map((addresses) => asList(addresses).length));

function attachedBytes({ Simple, Template }: Json): number {
  const attachments = [Simple, Template].flatMap((content) => asList(asRecord(content).Attachments));
  return sum(attachments.map((attachment) => decodedLength(asRecord(attachment).RawContent)));
}

const decodedLength = (base64: unknown): number =>
  typeof base64 === 'string' ? Buffer.byteLength(base64, 'base64') : 0;
