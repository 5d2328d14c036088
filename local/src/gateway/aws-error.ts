import type { ServiceResponse } from './service-call.ts';

/** An error in the JSON protocols; the code stands in a header as well, and once more for clients of the query protocol. */
export const jsonError = (status: number, code: string, message: string): ServiceResponse => ({
  status,
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-errortype': code,
    'x-amzn-query-error': `${code};Sender`,
  },
  body: Buffer.from(JSON.stringify({ __type: code, message })),
});

export const xmlReply = (status: number, text: string): ServiceResponse => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from(text),
});

export const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
