import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Objects } from '../ports.ts';

/** Links to objects for people without credentials; each is valid as long as the signer's own session at most. */
export function createContentLinks(client: S3Client, Bucket: string): Pick<Objects, 'signedUrl'> {
  return {
    signedUrl: (Key, expiresInSeconds, filename) => {
      const ResponseContentDisposition = `attachment; filename*=UTF-8''${encodeFilename(filename)}`;
      const command = new GetObjectCommand({ Bucket, Key, ResponseContentDisposition });
      return getSignedUrl(client, command, { expiresIn: expiresInSeconds });
    },
  };
}

/** RFC 8187 section 3.2: `encodeURIComponent` leaves a few characters that are no attribute characters. */
function encodeFilename(filename: string): string {
  return encodeURIComponent(filename).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
