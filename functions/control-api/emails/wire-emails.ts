import { readRegion } from '../../../shared/runtime/env.ts';
import type { CommonDeps } from '../wire-common.ts';
import { emailRoutes } from './emails.ts';

export const wireEmails = ({ mail, clock }: CommonDeps) =>
  emailRoutes({ ...mail, clock, region: readRegion() });
