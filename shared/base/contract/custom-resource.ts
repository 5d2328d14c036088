import * as z from 'zod/mini';

/**
 * Request of CloudFormation for a custom resource (AWS CloudFormation User Guide, "Custom resource request
 * objects").
 */
export const customResourceRequest = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  /** A presigned URL for one PUT of the response. */
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
});

export type CustomResourceRequest = z.infer<typeof customResourceRequest>;

export interface CustomResourceResponse {
  readonly Status: 'SUCCESS' | 'FAILED';
  /** Reason, shown in the stack's events. */
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
}
