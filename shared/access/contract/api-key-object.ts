import { defined } from '../../base/defined.ts';
import type { ApiKeyRecord } from '../api-key.ts';

/** An entry of `GET /api-keys`. Uses are not written down: that would be a write for every mail. */
export function apiKeyItem({ apiKeyId, name, createdAt, permission, domain, stream }: ApiKeyRecord) {
  return {
    id: apiKeyId,
    name,
    created_at: createdAt,
    last_used_at: null,
    permission,
    ...defined({ domain, stream }),
  };
}
