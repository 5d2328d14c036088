import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import config from '../postlane.config.ts';
import { PipelineStack } from './pipeline-stack.ts';

const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
new PipelineStack(app, 'Postlane', {
  config,
  distDir: process.env.POSTLANE_DIST_DIR ?? join(import.meta.dirname, '../dist/functions'),
  description: 'Postlane: an email pipeline that speaks the Resend contract',
  ...(account !== undefined && region !== undefined && { env: { account, region } }),
});
app.synth();
