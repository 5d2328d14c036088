import type { NeededPermission } from '../gateway/iam/needed-permission.ts';
import type { ServiceCall } from '../gateway/wire-call.ts';

const S3_ACTIONS: Readonly<Record<string, string>> = {
  HeadObject: 'GetObject',
  DeleteObjects: 'DeleteObject',
  ListObjectsV2: 'ListBucket',
  HeadBucket: 'ListBucket',
  CopyObject: 'PutObject',
  CreateMultipartUpload: 'PutObject',
  UploadPart: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
};

/** Permissions that IAM asks for a call of S3. */
export function s3Permissions({
  operation,
  input,
  bucket = '',
  key,
  copySource,
}: ServiceCall): readonly NeededPermission[] {
  const need = (action: string, path: string) => ({
    action: `s3:${action}`,
    resource: `arn:aws:s3:::${path}`,
    context: {},
  });
  const action = S3_ACTIONS[operation] ?? operation;
  if (operation === 'DeleteObjects')
    return (input.keys as readonly string[]).map((each) => need(action, `${bucket}/${each}`));
  const own = need(action, key === undefined ? bucket : `${bucket}/${key}`);
  return copySource === undefined ? [own] : [own, need('GetObject', copySource)];
}

/** Permission that it takes to be told that a key is missing. */
export const listPermission = (bucket: string): NeededPermission => ({
  action: 's3:ListBucket',
  resource: `arn:aws:s3:::${bucket}`,
  context: {},
});
