import { defined } from '../../base/defined.ts';
import type { Attachment } from '../mail-content.ts';

export interface StoredAttachment {
  readonly attachment: Attachment;
  readonly sizeBytes: number;
  readonly downloadUrl: string;
  readonly expiresAtEpochMs: number;
}

/** An entry of `GET /emails/{id}/attachments`; asked for alone it also has `object`. */
export function attachmentItem({ attachment, sizeBytes, downloadUrl, expiresAtEpochMs }: StoredAttachment) {
  const { attachmentId, filename, contentType, contentId } = attachment;
  return {
    id: attachmentId,
    filename,
    size: sizeBytes,
    content_type: contentType,
    content_disposition: contentId === undefined ? 'attachment' : 'inline',
    ...defined({ content_id: contentId }),
    download_url: downloadUrl,
    expires_at: new Date(expiresAtEpochMs).toISOString(),
  };
}

export const attachmentObject = (stored: StoredAttachment) => ({
  object: 'attachment',
  ...attachmentItem(stored),
});
